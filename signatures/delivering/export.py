"""Streams the list of names for one recipient as CSV, in constant memory."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from signatures.delivering.ahead import one_ahead
from signatures.delivering.listing import list_rows
from signatures.delivering.query import EVER, Columns, Span, block_end, block_rows
from signatures.delivering.recording import recorded
from signatures.delivering.snapshot import Snapshot
from signatures.delivering.watermarks import fresh_watermarks
from signatures.models import Organiser, Petition, Recipient
from signatures.models.choices import ListOrder, Profile

LIST = "signatures.csv"
BLOCK_ROWS = 50_000  # that the database writes at once
LINES = 2_000  # that are written here at once
BYTE_ORDER_MARK = "\ufeff".encode()
REASON_LENGTH_MAX = 200


class NotGivenNamesError(Exception):
    """The recipient is given totals only, or no published text has named it yet."""


@dataclass
class Written:
    """How many rows of names the pieces hold that were made so far."""

    amount: int = 0

    def rows(self) -> int:
        """Return the number."""
        return self.amount


@dataclass(frozen=True)
class Preview:
    """What a list would hold, said before it is made.

    :param confirmed: all signatures that count
    :param named: those that the list would name
    """

    recipient: Recipient
    confirmed: int
    named: int

    @property
    def unnamed(self) -> int:
        """Return how many are numbers only."""
        return self.confirmed - self.named


def preview_exports(petition: Petition) -> list[Preview]:
    """Return for each recipient how many names its list would hold."""
    rows = petition.signatures.all().confirmed().by_version_and_naming()
    confirmed = sum(amount for _, _, amount in rows)
    previews = []
    for recipient in petition.recipients.all():
        shown = recipient.in_versions.filter(profile=Profile.NAMES).values_list("version_id", flat=True)
        versions = set(shown) if recipient.profile == Profile.NAMES else set()
        named = sum(amount for version, has_name, amount in rows if has_name and version in versions)
        previews.append(Preview(recipient, confirmed, named))
    return previews


def start_export(*, recipient: Recipient, columns: Columns, reason: str, actor: Organiser | None) -> Generator[bytes]:
    """Record that an export starts, and return the file in pieces.

    The end is recorded when the last piece was taken, or when the taker closes the generator before it.

    :param reason: why the list is made; kept in the audit log
    :raises NotGivenNamesError: for a recipient that is given totals only, or that no published text has named yet
    """
    recipient.refresh_from_db()
    if recipient.profile != Profile.NAMES or not recipient.in_versions.exists():
        raise NotGivenNamesError
    written = Written()
    watermarks = fresh_watermarks()
    return recorded(
        _whole_list(recipient, columns, written, watermarks.of(LIST)),
        recipient=recipient,
        actor=actor,
        reason=reason,
        details={"language": columns.language, "delimiter": columns.delimiter, "edition": watermarks.edition},
        rows=written.rows,
    )


def _whole_list(recipient: Recipient, columns: Columns, written: Written, watermark: str) -> Generator[bytes]:
    with closing(Snapshot()) as snapshot:
        city = recipient.petition.text_versions.all().asking_city().exists()
        yield from csv_pieces(snapshot, recipient, columns, written, with_city=city, watermark=watermark)


def csv_pieces(
    snapshot: Snapshot,
    recipient: Recipient,
    columns: Columns,
    written: Written,
    *,
    with_city: bool,
    span: Span = EVER,
    watermark: str,
) -> Generator[bytes]:
    """Yield pieces of the file; memory stays constant.

    :param written: is told how many rows the pieces hold by the end of each
    :param watermark: the heading of a last column, whose cells are empty
    """
    yield BYTE_ORDER_MARK + csv_lines([[*columns.header(with_city=with_city), watermark]], columns.delimiter)
    if columns.order == ListOrder.SIGNED and not columns.latin:
        blocks = _copied_blocks(snapshot, recipient, columns, with_city=with_city, span=span)
        # While one block is on its way to the taker, the database writes the next.
        for amount, block in one_ahead(blocks):
            written.amount += amount
            yield block
        return
    rows = list_rows(snapshot, recipient, columns, with_city=with_city, span=span, safe=True)
    while lines := list(islice(rows, LINES)):
        written.amount += len(lines)
        yield csv_lines(([*line, ""] for line in lines), columns.delimiter)


def _copied_blocks(
    snapshot: Snapshot, recipient: Recipient, columns: Columns, *, with_city: bool, span: Span
) -> Generator[tuple[int, bytes]]:
    """Let the database write the lines, in blocks along the primary key; yield how many with each block."""
    before = 0
    for after, last in blocks(snapshot, recipient):
        query = block_rows(recipient, columns, after=after, up_to=last, written=before, with_city=with_city, span=span)
        amount, block = snapshot.copy(query, columns.delimiter)
        before += amount
        if amount:
            yield amount, block


def blocks(snapshot: Snapshot, recipient: Recipient) -> Generator[tuple[int, int]]:
    """Yield for each block the numbers of the last row before it and of its last row."""
    after = 0
    while (last := snapshot.row(block_end(recipient.petition_id, after, BLOCK_ROWS))[0]) is not None:
        yield after, last
        after = last


def csv_lines(rows: Iterable[Sequence[object]], delimiter: str) -> bytes:
    """Return rows as lines of CSV, quoted as the database quotes them."""
    lines = _Lines()
    csv.writer(lines, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return "".join(lines).encode()


class _Lines(list[str]):
    """Takes lines one by one from a writer that quotes returns only where it ends lines with them."""

    def write(self, line: str) -> None:
        """Keep a line, ended as the database ends it."""
        self.append(line.removesuffix("\r\n") + "\n")
