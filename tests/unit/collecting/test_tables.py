"""Tables are read in every encoding and with every separator; hostile ones get a sentence."""

from __future__ import annotations

import csv
import io
import subprocess
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from signatures.collecting import tables
from signatures.collecting.tables import read_table
from tests.support.outside_lists import workbook_of
from tests.support.programs import require_program

ROWS = [["Імя", "E-mail", "Страна"], ["Алесь", "a@example.org", "Беларусь"], ["Ada", "b@example.org", "Польша"]]
BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;">]>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&lol1;</t></si></sst>"""


def cells(content: bytes) -> list[list[str]]:
    """Return the rows of a table."""
    return [row for _number, row in read_table(content)]


def refusal(content: bytes) -> str:
    """Return the sentence by which a table is refused."""
    with pytest.raises(ValidationError) as caught:
        cells(content)
    return caught.value.messages[0]


def changed(content: bytes, name: str, part: bytes) -> bytes:
    """Return a workbook with one of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        new.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_read_in_every_encoding_with_every_separator(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in ROWS)
    assert cells(text.encode(encoding)) == ROWS


def test_windows_1251_is_read() -> None:
    rows = [["Имя", "E-mail", "Страна"], *ROWS[1:]]
    assert cells("\n".join(";".join(row) for row in rows).encode("windows-1251")) == rows


def test_a_workbook_is_read_to_its_end_whatever_it_says_of_its_size() -> None:
    assert cells(workbook_of(ROWS[1:], headings=ROWS[0])) == ROWS


def test_a_workbook_made_by_libreoffice_is_read(tmp_path: Path) -> None:
    soffice = require_program("soffice")
    source = tmp_path / "list.csv"
    source.write_text("\n".join(",".join(row) for row in ROWS), encoding="utf-8")
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    # 76 is UTF-8, 44 the comma.
    command = [
        soffice,
        home,
        "--headless",
        "--infilter=CSV:44,34,76",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path),
    ]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=120)
    assert cells((tmp_path / "list.xlsx").read_bytes()) == ROWS


def test_rows_without_anything_are_left_out_and_keep_the_others_numbers() -> None:
    assert list(read_table(b"a,b\n\n,,\n1,2\n")) == [(1, ["a", "b"]), (4, ["1", "2"])]


def test_quoted_cells_may_hold_line_breaks_and_nul_is_dropped() -> None:
    assert cells(b'a,"b\nc\0d"\n') == [["a", "b\ncd"]]


def test_a_workbook_that_declares_entities_is_refused() -> None:
    assert "declarations" in refusal(changed(workbook_of(ROWS), "xl/sharedStrings.xml", BILLION_LAUGHS))
    other = BILLION_LAUGHS.decode().replace('version="1.0"', 'version="1.0" encoding="UTF-16"').encode("utf-16")
    assert "declarations" in refusal(changed(workbook_of(ROWS), "xl/styles.xml", other))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = changed(workbook_of(ROWS), "xl/media/picture.png", bytes(tables.UNPACKED_BYTES_MAX))
    assert len(bomb) < tables.FILE_BYTES_MAX
    assert "unpacks" in refusal(bomb)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for number in range(tables.PARTS_MAX + 1):
            package.writestr(f"{number}.xml", b"")
    assert "unpacks" in refusal(out.getvalue())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a," + b"x" * 10_000, "8,000 characters"),
        (b",".join([b"x"] * 300), "100 columns"),
        (b"x\n" * 100_002, "100,000 rows"),
        (b"x" * (tables.FILE_BYTES_MAX + 1), "10 megabytes"),
        (b'a,"' + b"x" * 200_000, "cannot be read"),
        (tables.OLD_EXCEL + b"x", "old Excel"),
        (tables.ZIP + b"x" * 100, "no workbook"),
        (b"\xff\xfe\x00\xd8", "no text"),
        (workbook_of([["x"] * 300]), "100 columns"),
        (workbook_of([["x" * 10_000]]), "8,000 characters"),
    ],
)
def test_a_table_beyond_the_limits_gets_a_sentence(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_of_formulas_only_what_was_computed_is_read() -> None:
    assert cells(workbook_of([["=1+1", "x"]])) == [["Name", "E-mail", "Country", "Date"], ["", "x"]]


@given(st.binary(max_size=400))
def test_whatever_is_sent_is_a_table_or_refused_with_a_sentence(content: bytes) -> None:
    for beginning in (b"", tables.ZIP, b"\xff\xfe", b"\xef\xbb\xbf"):
        with suppress(ValidationError):
            cells(beginning + content)


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1), min_size=2, max_size=2),
        min_size=2,
        max_size=6,
    )
)
def test_what_is_written_as_csv_is_read_as_it_was(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["name", "mail"], *rows])
    found = cells(out.getvalue().encode("utf-8-sig"))
    assert found == [["name", "mail"], *[row for row in rows if any(cell.strip() for cell in row)]]
