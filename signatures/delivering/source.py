"""The data that the files of a hand-over are made from, and the CSV list that the database writes itself."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeVar

from signatures.delivering.columns import fields_in
from signatures.delivering.rows import NameList, Snapshot
from signatures.delivering.streaming import one_ahead
from signatures.delivering.totals import Totals
from signatures.delivering.watermarks import Watermarks
from signatures.delivering.writers.csv_file import csv_header, csv_rows
from signatures.models import Delivery

Item = TypeVar("Item")


@dataclass
class Written:
    """Counts the rows of names in the chunks made so far."""

    amount: int = 0

    def rows(self) -> int:
        """Return the current number; a method, so that it can be passed as a callback."""
        return self.amount

    def count(self, rows: Iterable[Item]) -> Iterator[Item]:
        """Yield rows of names and count them; rows of another file with the same names are not counted twice."""
        for number, row in enumerate(rows, start=1):
            self.amount = max(self.amount, number)
            yield row


@dataclass(frozen=True)
class Source:
    """The data that the files of a hand-over are made from, all of one snapshot of the database.

    :param written: counts the rows of names made, for any of the files
    """

    delivery: Delivery
    totals: Totals
    snapshot: Snapshot
    watermarks: Watermarks
    written: Written = field(default_factory=Written)


def last_byte_held_back(
    chunks: Generator[bytes], written: Written, sent: Written, keep: Callable[[], object]
) -> Generator[bytes]:
    """Yield the chunks of a file, but its last byte only after ``keep`` has returned.

    :param written: counts the rows of names in the chunks made
    :param sent: updated with the rows of names in the chunks sent
    :param keep: called once all chunks are made; stores the manifest
    """
    held = b""
    # A thread makes the next chunk, and its digest, while one is on its way to the client.
    with closing(one_ahead(_with_rows(chunks, written))) as made:
        for chunk, rows in made:
            sent.amount = rows
            if chunk:
                yield b"".join((held, memoryview(chunk)[:-1]))
                held = chunk[-1:]
        keep()
        yield held


def _with_rows(chunks: Generator[bytes], written: Written) -> Generator[tuple[bytes, int]]:
    with closing(chunks):
        for chunk in chunks:
            yield chunk, written.amount


def csv_list(names: NameList, watermark: str, written: Written) -> Generator[bytes]:
    """Yield the list as CSV in chunks; memory stays constant.

    :param watermark: the heading of an extra last column, whose cells are empty
    """
    fields, delimiter = fields_in(names.layout), names.layout.delimiter
    yield csv_header(fields, delimiter, watermark)
    if not names.is_copied:
        yield from csv_rows(fields, written.count(names.rows()), delimiter)
        return
    # While one block is on its way to the client, the database writes the next.
    for amount, block in one_ahead(names.csv_blocks()):
        written.amount += amount
        yield block
