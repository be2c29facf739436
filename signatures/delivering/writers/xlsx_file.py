"""Writes a list as a workbook for spreadsheet programs, in constant memory."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from signatures.delivering.streaming import scratch_folder
from signatures.delivering.writers.fields import Cell, Field, Row

# The maximum that the format allows.
SHEET_ROWS = 1_048_576
COLUMN_WIDTH_MIN = 8
COLUMN_WIDTH_MAX = 60
MEASURED_ROWS = 200
CHUNK_BYTES = 1 << 16
REPLACEMENT = "\ufffd"
# What XML cannot represent or does not round-trip: controls, surrogates and two noncharacters.
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}


def xlsx_file(
    fields: Sequence[Field], rows: Iterable[Row], *, title: str, made_at: datetime, watermark: str
) -> Iterator[bytes]:
    """Yield the workbook in chunks; the same fields, rows, title, instant and watermark give the same bytes.

    Texts are never written as formulas, links or numbers. Rows that exceed a sheet continue on the next one, under the
    same header. Meanwhile the rows are on the disk in files that only this account may read; what a killed process
    leaves behind is removed when a web process starts or the next workbook is made.

    :param made_at: the creation time written into the file
    :param watermark: written into the custom properties of the document, and into no cell
    """
    # The file has no name on the disk; its parts do, so they are in a folder that is removed even after a crash.
    with tempfile.TemporaryFile() as file:
        with scratch_folder() as folder, Workbook(file, OPTIONS | {"tmpdir": str(folder)}) as book:
            created = made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
            book.set_properties({"title": _writable(title), "created": created})
            book.set_custom_property("watermark", watermark, "text")
            _write(
                book,
                [_writable(field.header) for field in fields],
                ([row[field.key] for field in fields] for row in rows),
            )
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


class _TextSheet(Worksheet):  # type: ignore[misc]
    """A sheet that writes every text as plain text, whatever it looks like."""

    def _xml_rich_inline_string(self, string: str, attributes: list[Any]) -> None:
        # XlsxWriter mistakes a text that begins with <r> and ends with </r> for its own markup.
        self._xml_inline_string(string, preserve=True, attributes=attributes)


def _write(book: Workbook, header: list[str], rows: Iterator[list[Cell]]) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    measured = list(islice(rows, MEASURED_ROWS))
    widths = _widths(header, measured)
    rows = chain(measured, rows)
    number = 0
    while (row := next(rows, None)) is not None or not number:
        number += 1
        sheet = book.add_worksheet(str(number), _TextSheet)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for column, name in enumerate(header):
            sheet.write_string(0, column, name, bold)
        on_sheet = chain([row] if row is not None else [], islice(rows, SHEET_ROWS - 2))
        for index, values in enumerate(on_sheet, start=1):
            for column, value in enumerate(values):
                _write_cell(sheet, index, column, value)


def _write_cell(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, _writable(value))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value)
    else:
        sheet.write_number(row, column, value)


def _writable(text: str) -> str:
    return UNWRITABLE.sub(REPLACEMENT, text)


def _widths(header: list[str], rows: list[list[Cell]]) -> list[int]:
    columns = list(zip(header, *rows, strict=True))
    longest = (max(len(str(value)) for value in column) for column in columns)
    return [min(max(length + 2, COLUMN_WIDTH_MIN), COLUMN_WIDTH_MAX) for length in longest]
