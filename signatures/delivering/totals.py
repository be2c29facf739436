"""The numbers of a hand-over: how many, from where, and which text they signed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from psycopg2 import sql

from signatures.counting.merging import CELL_MIN, OTHERS, merge_small
from signatures.delivering.query import Span, counted, numbers_for
from signatures.delivering.snapshot import Snapshot
from signatures.models import Recipient
from signatures.safeguarding.countries import country_names

EUROPEAN_UNION = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class VersionTotal:
    """How many signed a text version."""

    number: int
    digest: str
    signatures: int


@dataclass(frozen=True)
class Totals:
    """The numbers of one hand-over.

    :param confirmed: signatures that count
    :param named: those of them that the recipient is given with names
    :param union: those from countries of the European Union, or None where that would tell of a few people
    :param countries: by code, the largest first, small ones merged; empty where it was not asked for, or all are few
    """

    confirmed: int
    named: int
    union: int | None
    countries: dict[str, int]
    versions: tuple[VersionTotal, ...]


def read_totals(snapshot: Snapshot, recipient: Recipient, span: Span, *, by_country: bool) -> Totals:
    """Return the numbers as the snapshot has them."""
    of_these = counted(recipient.petition_id, span)
    confirmed, named = snapshot.row(numbers_for(recipient, span))
    cells = dict(
        snapshot.table(
            sql.SQL("SELECT signature.country, count(*) {of_these} GROUP BY signature.country").format(
                of_these=of_these
            )
        )
    )
    versions = snapshot.table(
        sql.SQL(
            "SELECT version.number, version.digest, signed.amount"
            " FROM (SELECT signature.text_version_id, count(*) AS amount {of_these} GROUP BY 1) AS signed"
            " JOIN signatures_textversion AS version ON version.id = signed.text_version_id ORDER BY version.number"
        ).format(of_these=of_these)
    )
    countries = merge_small(cells) if by_country else {}
    return Totals(
        confirmed=confirmed,
        named=named,
        union=union_of(cells, countries),
        countries=countries,
        versions=tuple(VersionTotal(*row) for row in versions),
    )


def union_of(cells: dict[str, int], countries: dict[str, int]) -> int | None:
    """Return the total of the European Union, unless the difference to what is listed stands for a few people."""
    inside = sum(count for code, count in cells.items() if code in EUROPEAN_UNION and code not in countries)
    outside = sum(count for code, count in cells.items() if code not in EUROPEAN_UNION and code not in countries)
    if 0 < inside < CELL_MIN or 0 < outside < CELL_MIN:
        return None
    return sum(count for code, count in cells.items() if code in EUROPEAN_UNION)


def country_labels(totals: Totals, language: str) -> list[tuple[str, str, int]]:
    """Return (code, name in a language, how many) for each country, the merged ones last."""
    names = country_names(language)
    with translation.override(language):
        other = _("Other countries")
    return [(code, other if code == OTHERS else names.get(code, code), n) for code, n in totals.countries.items()]


def totals_rows(totals: Totals, language: str, *, gives_names: bool) -> list[list[str | int]]:
    """Return the rows of totals.csv, its header first.

    The kinds in the first column are for programs, and the same in every language.
    """
    with translation.override(language):
        rows: list[list[str | int]] = [
            [_("kind"), _("code"), pgettext("of a number", "name"), _("signatures")],
            ["total", "", _("Signatures"), totals.confirmed],
        ]
        if gives_names:
            rows.append(["named", "", _("Listed with names"), totals.named])
            rows.append(["unnamed", "", _("Without names"), totals.confirmed - totals.named])
        if totals.union is not None:
            rows.append(["union", "EU", _("From countries of the European Union"), totals.union])
        rows += [
            ["version", version.number, _("Text version %(number)s") % {"number": version.number}, version.signatures]
            for version in totals.versions
        ]
    rows += [["country", code, name, count] for code, name, count in country_labels(totals, language)]
    return rows
