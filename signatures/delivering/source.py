"""What the files of a hand-over are made of, and the list that the database writes itself."""

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
    """How many rows of names the chunks hold that were made so far."""

    amount: int = 0

    def rows(self) -> int:
        """Return the number."""
        return self.amount

    def count(self, rows: Iterable[Item]) -> Iterator[Item]:
        """Yield rows of names; those of another file with the same names are not counted twice."""
        for number, row in enumerate(rows, start=1):
            self.amount = max(self.amount, number)
            yield row


@dataclass(frozen=True)
class Source:
    """What the files of a hand-over are made of: one state of the database.

    :param written: is told how many rows of names were made, for whichever file
    """

    delivery: Delivery
    totals: Totals
    snapshot: Snapshot
    watermarks: Watermarks
    written: Written = field(default_factory=Written)


def last_byte_held_back(
    chunks: Generator[bytes], written: Written, told: Written, keep: Callable[[], object]
) -> Generator[bytes]:
    """Yield the chunks of a file, its last byte only when what it belongs to is kept.

    :param written: is told how many rows of names the chunks hold that were made
    :param told: is told how many rows of names the chunks hold that were handed out
    :param keep: is called once all chunks are made
    """
    held = b""
    # A thread makes the next chunk, and its digest, while one is on its way to the client.
    with closing(one_ahead(_with_rows(chunks, written))) as made:
        for chunk, rows in made:
            told.amount = rows
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
    """Yield chunks of the list; memory stays constant.

    :param watermark: the heading of a last column, whose cells are empty
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
