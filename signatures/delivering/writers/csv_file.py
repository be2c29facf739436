"""Writes a list as CSV, quoted as PostgreSQL quotes it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from signatures.delivering.writers.fields import Cell, Field, Row
from signatures.delivering.writers.formulas import formula_safe

BYTE_ORDER_MARK = "\ufeff".encode()
LINES = 2_000  # in a chunk


def csv_header(fields: Sequence[Field], delimiter: str, watermark: str) -> bytes:
    """Return the byte order mark and the header line.

    :param watermark: the heading of an extra last column, whose cells are empty
    """
    return BYTE_ORDER_MARK + csv_lines([[*(field.header for field in fields), watermark]], delimiter)


def csv_rows(fields: Sequence[Field], rows: Iterable[Row], delimiter: str) -> Iterator[bytes]:
    """Yield the lines of a list in chunks; typed text is made safe for spreadsheets."""
    lines = ([*(_cell(field, row) for field in fields), ""] for row in rows)
    while some := list(islice(lines, LINES)):
        yield csv_lines(some, delimiter)


def csv_lines(rows: Iterable[Sequence[object]], delimiter: str) -> bytes:
    """Return rows of cells as lines of CSV in UTF-8."""
    lines = _Lines()
    csv.writer(lines, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return "".join(lines).encode()


def _cell(field: Field, row: Row) -> Cell:
    value = row[field.key]
    return formula_safe(value) if field.is_text and isinstance(value, str) else value


class _Lines(list[str]):
    """Collects lines from csv.writer, which quotes carriage returns only if its line terminator contains one."""

    def write(self, line: str) -> None:
        """Append a line with the line ending that PostgreSQL uses."""
        self.append(line.removesuffix("\r\n") + "\n")
