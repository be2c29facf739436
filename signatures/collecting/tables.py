"""Reads the rows of a table that somebody has uploaded, CSV or XLSX, within limits, and never from a disk."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import IO, NoReturn
from xml.parsers import expat

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook

FILE_BYTES_MAX = 10 * 1024 * 1024
# What a packed file says that it holds; PKZIP's entries are never read beyond what they say.
UNPACKED_BYTES_MAX = 150 * 1024 * 1024
PARTS_MAX = 500
ROWS_MAX = 100_000
COLUMNS_MAX = 100
CELL_LENGTH_MAX = 8_000
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
DELIMITERS = (",", ";", "\t")
# By how much of the file the separator is guessed.
GUESSED_BY = 20_000
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
XML = (".xml", ".rels")
Row = list[str]


def read_table(content: bytes) -> Iterator[tuple[int, Row]]:
    """Yield the number of each row of a file, from 1, and its cells; rows without anything in them are left out.

    :raises ValidationError: if it is no table, or beyond the limits; perhaps only once some rows were yielded
    """
    if len(content) > FILE_BYTES_MAX:
        raise ValidationError(_("The file is larger than 10 megabytes. Split it, and enter one part after the other."))
    if content.startswith(OLD_EXCEL):
        raise ValidationError(_("This is a file of an old Excel, or one with a password. Save it as XLSX or CSV."))
    rows = _of_workbook(content) if content.startswith(ZIP) else _of_text(_decoded(content))
    amount = 0
    for number, row in rows:
        _check_size(number, row)
        if any(cell.strip() for cell in row):
            amount += 1
            # The headings are no row.
            if amount > ROWS_MAX + 1:
                _too_many()
            yield number, row


def _check_size(number: int, row: Row) -> None:
    if len(row) > COLUMNS_MAX:
        raise ValidationError(_("The file has more than 100 columns. Is it the right one?"))
    if any(len(cell) > CELL_LENGTH_MAX for cell in row):
        raise ValidationError(
            _("A cell of row %(row)s has more than 8,000 characters. Is it the right file?") % {"row": number}
        )


def _decoded(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or Windows-1251."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return _text(content, encoding)
    # Of UTF-16 without a mark every second byte is zero where the text is Latin, as headings and addresses are.
    start = content[:GUESSED_BY]
    if start.count(0) > len(start) // 4:
        return _text(content, "utf-16-le" if start[1::2].count(0) >= start[0::2].count(0) else "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _text(content, "windows-1251")


def _text(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise ValidationError(
            _("This is no text that can be read. Save the table as CSV in UTF-8, or as XLSX.")
        ) from None


def _of_text(text: str) -> Iterator[tuple[int, Row]]:
    # NUL is no character of a table; the database could not store it.
    text = text.replace("\0", "")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    number = 0
    try:
        for number, row in enumerate(lines, start=1):
            yield number, row
    except csv.Error:
        raise ValidationError(
            _("Row %(row)s cannot be read. Is a quotation mark missing there?") % {"row": number + 1}
        ) from None


def _delimiter(text: str) -> str:
    """Return the separator by which the first rows fall into the most columns, and into equally many."""
    best, most = DELIMITERS[0], (0, 0)
    for delimiter in DELIMITERS:
        start = io.StringIO(text[:GUESSED_BY], newline="")
        try:
            rows = [row for row, _number in zip(csv.reader(start, delimiter=delimiter), range(10), strict=False) if row]
        except csv.Error:
            continue
        widths = [len(row) for row in rows] or [0]
        found = (widths.count(widths[0]) if widths[0] > 1 else 0, widths[0])
        if found > most:
            best, most = delimiter, found
    return best


def _of_workbook(content: bytes) -> Iterator[tuple[int, Row]]:
    """Yield the rows of the first sheet of a workbook; of formulas what the program has computed last."""
    _check_package(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            _no_workbook()
        sheet = book.worksheets[0]
        # What a file says of its size may be wrong, and hide rows.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(max_col=COLUMNS_MAX + 1, values_only=True), start=1):
            if number > 2 * ROWS_MAX:
                _too_many()
            yield number, _without_end([_cell(value) for value in cells])
    except ValidationError:
        raise
    # The library raises whatever comes of a file that is not as it expects.
    except Exception:  # noqa: BLE001
        _no_workbook()


def _check_package(content: bytes) -> None:
    """Refuse what would unpack to more than it should, and entities, of which few bytes make many.

    :raises ValidationError: if that is so, or it is no workbook
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
                raise ValidationError(_("The file unpacks to far more than it should. Save the table as CSV."))
            for part in parts:
                if part.filename.lower().endswith(XML):
                    with package.open(part) as stream:
                        _check_beginning(stream)
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        RuntimeError,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
    ):
        _no_workbook()


class _BegunError(Exception):
    """The document has begun, after which it can declare nothing any more."""


def _check_beginning(stream: IO[bytes]) -> None:
    """Refuse XML that declares entities, as no program for tables does; only its beginning is read."""

    def refuse(*_declared: object) -> NoReturn:
        raise ValidationError(_("The file holds declarations that no table needs. Save the table as CSV."))

    def begin(*_element: object) -> NoReturn:
        raise _BegunError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begin
    with suppress(_BegunError):
        parser.ParseFile(stream)


def _too_many() -> NoReturn:
    raise ValidationError(_("The file has more than 100,000 rows. Split it, and enter one part after the other."))


def _no_workbook() -> NoReturn:
    raise ValidationError(_("This is no workbook that can be read. Save the table as XLSX or CSV anew.")) from None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat(*([" "] if isinstance(value, datetime) else []))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\0", "")


def _without_end(row: Row) -> Row:
    """Drop the empty cells at the end of a row, of which workbooks may have any number."""
    while row and not row[-1]:
        row.pop()
    return row
