"""The numbers of a hand-over: how many, from where, and which text they signed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from signatures.counting.figures import OTHERS, published_cells
from signatures.counting.published import figures_of
from signatures.delivering.rows import Snapshot
from signatures.delivering.writers.csv_file import BYTE_ORDER_MARK, csv_lines
from signatures.models import Delivery, Signature, TextVersion
from signatures.models.choices import Profile
from signatures.safeguarding.countries import country_names

EUROPEAN_UNION = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class VersionTotal:
    """How many signed a text version, or None where that is not published.

    :param languages: of the text
    """

    number: int
    digest: str
    signatures: int | None
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Totals:
    """The numbers of one hand-over: those of the last release before its cut-off, and what its own rows come to.

    Only published numbers stand in its files, since whoever holds two hand-overs could tell from exact ones what a few
    people did in between. Where the count is live, how many signed, and how many of them are listed, are exact: the
    first anybody could read, the second whoever has the list can count. Countries and texts are as published.

    :param is_exact: whether the count is live, so that signatures and names are told as the rows come to
    :param released: of an exact count, how many the release had that countries and texts are of, and when it was made;
        None where there is nothing that it would explain
    :param confirmed: signatures that count, or None while they are fewer than ten
    :param named: those of them that the recipient may be given with names, or None where that is not published
    :param union: those from the countries of the European Union that are listed, or None where none are
    :param countries: by code, the largest first, the others together; empty where it was not asked for, or all are few
    :param versions: every text that could be signed by then
    :param rows: how many signatures count by the cut-off, exactly; for the desk alone
    :param listed: how many names the list holds
    """

    is_exact: bool
    released: tuple[int, datetime] | None
    confirmed: int | None
    named: int | None
    union: int | None
    countries: dict[str, int]
    versions: tuple[VersionTotal, ...]
    rows: int
    listed: int

    @property
    def unnamed(self) -> int | None:
        """Return how many are counted without a name, or None where that is not published."""
        return None if self.confirmed is None or self.named is None else self.confirmed - self.named


def read_totals(snapshot: Snapshot, delivery: Delivery, *, listed: int | None = None) -> Totals:
    """Return the numbers of a hand-over.

    :param listed: how many names its list holds, where that is known by now
    """
    figures = figures_of(delivery.release)
    rows = snapshot.count(Signature.objects.counted_in(delivery.petition_id, delivery.span))
    if listed is None:
        listed = snapshot.count(Signature.objects.named_for(delivery.recipient, delivery.span))
    is_exact = TextVersion.objects.newest_of(delivery.petition_id).rules.count_is_live
    countries = published_cells(figures.countries) if delivery.by_country else {}
    gives_names = delivery.profile == Profile.NAMES and delivery.recipient.profile == Profile.NAMES
    # Of what is new since another hand-over nothing is published.
    is_told = gives_names and delivery.since is None
    versions = TextVersion.objects.filter(petition=delivery.petition).shown_by(delivery.cut_off)
    everything = Signature.objects.counted_in(delivery.petition_id, replace(delivery.span, since=None))
    confirmed = snapshot.count(everything) if is_exact else figures.count or None
    named = listed if is_exact else figures.named_in(_naming(delivery))
    is_all_of_one = is_exact and len(versions) == 1
    tells_parts = countries or (figures.texts.cells and not is_all_of_one)
    return Totals(
        is_exact=is_exact,
        released=(figures.count, delivery.release.made_at) if is_exact and delivery.release and tells_parts else None,
        confirmed=confirmed,
        named=named if is_told else None,
        union=sum(count for code, count in countries.items() if code in EUROPEAN_UNION) or None,
        countries=countries,
        versions=tuple(
            VersionTotal(
                version.number,
                version.digest,
                confirmed if is_all_of_one else figures.of_text(version.number),
                tuple(version.languages),
            )
            for version in versions
        ),
        rows=rows,
        listed=listed,
    )


def _naming(delivery: Delivery) -> list[int]:
    """Return the numbers of the texts by which a recipient may be given names, of those that the release counted."""
    if delivery.release is None:
        return []
    texts = TextVersion.objects.filter(petition=delivery.petition).shown_by(delivery.release.made_at)
    naming = texts.filter(recipients__recipient=delivery.recipient_id, recipients__profile=Profile.NAMES)
    return list(naming.values_list("number", flat=True))


def signed_versions(delivery: Delivery, totals: Totals) -> list[TextVersion]:
    """Return the text versions that could be signed by the cut-off, whether or not somebody signed each of them."""
    versions = TextVersion.objects.filter(petition=delivery.petition).select_related("petition")
    return list(versions.filter(number__in=[version.number for version in totals.versions]).order_by("number"))


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
            ["total", "", _("Signatures"), _("fewer than ten") if totals.confirmed is None else totals.confirmed],
        ]
        if gives_names and totals.named is not None and totals.unnamed is not None:
            rows.append(["named", "", _("With names"), totals.named])
            rows.append(["unnamed", "", _("Without names"), totals.unnamed])
        if totals.released is not None:
            count, instant = totals.released
            day = f"{instant.astimezone(UTC):%Y-%m-%d}"
            rows.append(["published", day, _("Told below by country and text, as published on that day"), count])
        if totals.union is not None:
            rows.append(["union", "EU", _("From the EU countries listed here"), totals.union])
        rows += [
            ["version", version.number, _("Text version %(number)s") % {"number": version.number}, version.signatures]
            for version in totals.versions
            if version.signatures is not None
        ]
    rows += [["country", code, name, count] for code, name, count in country_labels(totals, language)]
    return rows


def totals_table(delivery: Delivery, totals: Totals, watermark: str) -> bytes:
    """Return totals.csv.

    :param watermark: the heading of a last column, whose cells are empty
    """
    header, *rows = totals_rows(totals, delivery.language, gives_names=delivery.profile == Profile.NAMES)
    lines = [[*header, watermark], *([*row, ""] for row in rows)]
    return BYTE_ORDER_MARK + csv_lines(lines, delivery.delimiter)
