"""The files of a hand-over, made one after the other from one snapshot, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TypeVar, cast

from signatures.delivering.document import Letter, ListedName, PetitionText, SignedVersion, volumes
from signatures.delivering.export import LIST, Written, csv_lines, csv_pieces
from signatures.delivering.listing import Cell, list_rows
from signatures.delivering.petition_texts import text_files
from signatures.delivering.petitioner import petitioner_in_letter
from signatures.delivering.query import Columns, Span
from signatures.delivering.readme import readme
from signatures.delivering.snapshot import Snapshot
from signatures.delivering.totals import Totals, country_labels, totals_rows
from signatures.delivering.watermarks import Watermarks
from signatures.delivering.workbook import workbook
from signatures.links import absolute, petition_url
from signatures.models import Delivery, TextVersion
from signatures.models.choices import Profile

BYTE_ORDER_MARK = "\ufeff".encode()
README = "README.txt"
TOTALS = "totals.csv"
WORKBOOK = "signatures.xlsx"
Row = TypeVar("Row")


def columns_of(delivery: Delivery) -> Columns:
    """Return how the list of a hand-over is laid out."""
    return Columns(delivery.language, delivery.delimiter, latin=delivery.with_latin, order=delivery.order)


def span_of(delivery: Delivery) -> Span:
    """Return which signatures a hand-over is of."""
    return Span(since=delivery.since, up_to=delivery.cut_off, profile=delivery.profile)


def files_of(
    delivery: Delivery, totals: Totals, snapshot: Snapshot, written: Written, watermarks: Watermarks
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each file's name with its pieces, which are to be taken or left before the next file is asked for.

    The public key and the manifest, which are made when these are known, are not among them.

    :param written: is told how many rows of names were made, for whichever file
    """
    versions = signed_versions(delivery, totals)
    yield README, iter([readme(delivery, totals, versions, watermarks.of(README))])
    gives_names = delivery.profile == Profile.NAMES
    yield TOTALS, iter([totals_table(delivery, totals, watermarks.of(TOTALS))])
    for name, content in text_files(versions):
        yield name, iter([content])
    if gives_names:
        yield (
            LIST,
            csv_pieces(
                snapshot,
                delivery.recipient,
                columns_of(delivery),
                written,
                with_city=delivery.with_city,
                span=span_of(delivery),
                watermark=watermarks.of(LIST),
            ),
        )
        if delivery.with_workbook:
            yield WORKBOOK, _workbook(delivery, snapshot, written, watermarks)
    if delivery.with_document:
        yield from _document(delivery, totals, snapshot, written, watermarks)


def totals_table(delivery: Delivery, totals: Totals, watermark: str) -> bytes:
    """Return totals.csv.

    :param watermark: the heading of a last column, whose cells are empty
    """
    header, *rows = totals_rows(totals, delivery.language, gives_names=delivery.profile == Profile.NAMES)
    lines = [[*header, watermark], *([*row, ""] for row in rows)]
    return BYTE_ORDER_MARK + csv_lines(lines, delivery.delimiter)


def signed_versions(delivery: Delivery, totals: Totals) -> list[TextVersion]:
    """Return the text versions that could be signed by the cut-off, whether or not somebody signed each of them."""
    versions = TextVersion.objects.filter(petition=delivery.petition).select_related("petition")
    return list(versions.filter(number__in=[version.number for version in totals.versions]).order_by("number"))


def _rows(delivery: Delivery, snapshot: Snapshot, *, city: bool) -> Iterator[list[Cell]]:
    return list_rows(
        snapshot, delivery.recipient, columns_of(delivery), with_city=city, span=span_of(delivery), safe=False
    )


def _counting(rows: Iterable[Row], written: Written) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        written.amount = max(written.amount, number)
        yield row


def _workbook(delivery: Delivery, snapshot: Snapshot, written: Written, watermarks: Watermarks) -> Iterator[bytes]:
    yield from workbook(
        columns_of(delivery).header(with_city=delivery.with_city),
        _counting(_rows(delivery, snapshot, city=delivery.with_city), written),
        title=f"{delivery.petition.slug} {delivery.pk}",
        made_at=delivery.prepared_at,
        watermark=watermarks.of(WORKBOOK),
    )


def _document(
    delivery: Delivery, totals: Totals, snapshot: Snapshot, written: Written, watermarks: Watermarks
) -> Iterator[tuple[str, Iterator[bytes]]]:
    total = totals.listed if delivery.profile == Profile.NAMES else 0
    names = _counting(_listed_names(delivery, snapshot), written) if total else iter(())
    yield from volumes(letter_of(delivery, totals), names, total, watermarks.of)


def _listed_names(delivery: Delivery, snapshot: Snapshot) -> Iterator[ListedName]:
    for number, name, *cells in _rows(delivery, snapshot, city=delivery.with_city):
        latin = str(cells.pop(0)) if delivery.with_latin else None
        city = cells.pop() if delivery.with_city else None
        _code, country, signed_on, _language, version = cells
        yield ListedName(
            number=cast("int", number),
            name=str(name),
            country=str(country),
            signed_on=cast("date", signed_on),
            latin=latin,
            version=cast("int", version),
            city=str(city) if city else None,
        )


def _tells_petitioner(delivery: Delivery) -> bool:
    """Tell whether the letter names the lead petitioner; like names it does so no more once only totals are given."""
    names_stopped = delivery.profile == Profile.NAMES and delivery.recipient.profile != Profile.NAMES
    return delivery.with_petitioner and not names_stopped


def letter_of(delivery: Delivery, totals: Totals) -> Letter:
    """Return what the covering letter says."""
    language, petition = delivery.language, delivery.petition
    petitioner = petitioner_in_letter(petition, language, is_told=_tells_petitioner(delivery))
    signed = signed_versions(delivery, totals)[-1]
    bodies = {body.language: body for body in signed.bodies.order_by("language")}
    # Whom to write to is told as of the day of the letter; what is published later leaves its bytes as they are.
    newest = petition.text_versions.all().shown_by(delivery.prepared_at).reverse()[0]
    return Letter(
        language=language,
        texts=tuple(PetitionText(body.language, body.title, body.summary, body.body) for body in bodies.values()),
        recipient=delivery.recipient.name_in(language),
        petitioner=petitioner.name,
        nationality=petitioner.nationality,
        address=petitioner.address,
        responsible_body=newest.body_in(language).responsible_body,
        confidentiality=bodies[signed.language_for(language)].confidentiality,
        contact=newest.contact,
        page=absolute(petition_url("petition", language, petition.slug)),
        hand_overs_page=absolute(petition_url("deliveries", language, petition.slug)),
        total=totals.confirmed,
        unnamed=totals.unnamed,
        total_eu=totals.union,
        countries=tuple((name, count) for _code, name, count in country_labels(totals, language)),
        versions=tuple(SignedVersion(v.number, v.digest, v.signatures) for v in totals.versions),
        cut_off=delivery.cut_off,
        made_at=delivery.prepared_at,
        is_exact=totals.is_exact,
        released=totals.released,
    )
