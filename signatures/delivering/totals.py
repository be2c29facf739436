"""The numbers of a hand-over: how many people signed, from which countries, and which text."""

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
    """How many signed a text version, or None if that is not published.

    :param languages: the languages of the text
    """

    number: int
    digest: str
    signatures: int | None
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Totals:
    """The numbers of one hand-over: those of the last release before its cut-off, and exact numbers of its own rows.

    Its files contain only published numbers, since exact numbers in two hand-overs would reveal what a few people did
    in between. Where the count is live, the number of signatures and of listed names are exact: anybody could read the
    former, and whoever has the list can count the latter. Countries and texts are as published.

    :param is_exact: whether the count is live, so that signatures and names are exact
    :param released: with an exact count, the total and the time of the release behind the countries and texts; None if
        no such numbers need explaining
    :param confirmed: signatures that count, or None if fewer than ten
    :param named: how many of them the recipient may get with names, or None if that is not published
    :param union: those from the listed countries of the European Union, or None if none are listed
    :param countries: amounts by code, the largest first, the rest merged; empty if not requested or all are too small
    :param versions: every text that could be signed by then
    :param rows: the exact number of signatures that count by the cut-off; for the admin only
    :param listed: how many names the list contains
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
        """Return how many are counted without a name, or None if that is not published."""
        return None if self.confirmed is None or self.named is None else self.confirmed - self.named


def read_totals(snapshot: Snapshot, delivery: Delivery, *, listed: int | None = None) -> Totals:
    """Read the numbers of a hand-over from a snapshot.

    :param listed: how many names its list contains, if already known
    """
    figures = figures_of(delivery.release)
    rows = snapshot.count(Signature.objects.counted_in(delivery.petition_id, delivery.span))
    if listed is None:
        listed = snapshot.count(Signature.objects.named_for(delivery.recipient, delivery.span))
    is_exact = TextVersion.objects.newest_of(delivery.petition_id).rules.count_is_live
    countries = published_cells(figures.countries) if delivery.by_country else {}
    gives_names = delivery.profile == Profile.NAMES and delivery.recipient.profile == Profile.NAMES
    # Nothing is published about what is new since another hand-over.
    is_published = gives_names and delivery.since is None
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
        named=named if is_published else None,
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
    """Return the numbers of the text versions counted by the release that let a recipient get names."""
    if delivery.release is None:
        return []
    texts = TextVersion.objects.filter(petition=delivery.petition).shown_by(delivery.release.made_at)
    naming = texts.filter(recipients__recipient=delivery.recipient_id, recipients__profile=Profile.NAMES)
    return list(naming.values_list("number", flat=True))


def signed_versions(delivery: Delivery, totals: Totals) -> list[TextVersion]:
    """Return the text versions that could be signed by the cut-off, whether or not anybody signed them."""
    versions = TextVersion.objects.filter(petition=delivery.petition).select_related("petition")
    return list(versions.filter(number__in=[version.number for version in totals.versions]).order_by("number"))


def country_labels(totals: Totals, language: str) -> list[tuple[str, str, int]]:
    """Return (code, name in a language, amount) for each country, the merged ones last."""
    names = country_names(language)
    with translation.override(language):
        other = _("Other countries")
    return [(code, other if code == OTHERS else names.get(code, code), n) for code, n in totals.countries.items()]


def totals_rows(totals: Totals, language: str, *, gives_names: bool) -> list[list[str | int]]:
    """Return the rows of totals.csv, the header first.

    The kinds in the first column are meant for programs, and are the same in every language.
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
    """Return the content of totals.csv.

    :param watermark: the heading of an extra last column, whose cells are empty
    """
    header, *rows = totals_rows(totals, delivery.language, gives_names=delivery.profile == Profile.NAMES)
    lines = [[*header, watermark], *([*row, ""] for row in rows)]
    return BYTE_ORDER_MARK + csv_lines(lines, delivery.delimiter)
