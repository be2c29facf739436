"""Lists as workbooks, read back by an independent library."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from signatures.delivering.streaming import ForeignFolderError, clear_scratch
from signatures.delivering.writers import xlsx_file as module
from signatures.delivering.writers.fields import Cell, Field
from signatures.delivering.writers.xlsx_file import REPLACEMENT, xlsx_file

HEADER = ["№", "Имя", "Дата"]
MADE_AT = datetime(2011, 3, 1, 12, 30, tzinfo=UTC)
SIGNED_ON = date(2011, 1, 15)
WATERMARK = "watermark_" + "0123456789abcdef" * 3
HOSTILE = "=+-@<>&'\"/rt_x00415F\t\n\r\v\x00\x1f\x7f\x85\u2028\u202e\u200b\ufffe\uffff 𝔘😀жЎі"
NAMES = st.text(st.sampled_from(HOSTILE) | st.characters(), max_size=12)
MANY_ROWS = 100_000


def made(rows: list[list[Cell]]) -> bytes:
    fields = [Field(f"field {header}", header) for header in HEADER]
    keyed = [{field.key: cell for field, cell in zip(fields, row, strict=True)} for row in rows]
    return b"".join(xlsx_file(fields, keyed, title="Петиция", made_at=MADE_AT, watermark=WATERMARK))


def cells(content: bytes) -> list[list[list[object]]]:
    """Return the cells of each sheet, with texts as displayed by a spreadsheet."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [
        [
            [unescape(value) if isinstance(value, str) else value for value in row]
            for row in sheet.iter_rows(values_only=True)
        ]
        for sheet in book.worksheets
    ]


def test_numbers_texts_and_days_keep_their_types() -> None:
    rows: list[list[Cell]] = [[1, "Уладзімір Някляеў", SIGNED_ON], [2, "007", SIGNED_ON]]
    day = datetime(2011, 1, 15)  # noqa: DTZ001 - spreadsheets know no time zones
    assert cells(made(rows)) == [[HEADER, [1, "Уладзімір Някляеў", day], [2, "007", day]]]


def test_the_header_is_bold_and_frozen_and_the_columns_are_wide_enough() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(made([[1, "Ж" * 40, SIGNED_ON], [2, "Ж" * 120, SIGNED_ON]]))).worksheets[
        0
    ]
    assert [cell.font.b for cell in sheet[1]] == [True, True, True]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["B"].width > 40
    assert sheet.column_dimensions["B"].width < 120


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://example.org")',
        "{=A1}",
        "http://example.org/",
        "mailto:a@example.org",
        "internal:Sheet1!A1",
        "12",
        "+3",
        "1e5",
        "TRUE",
        "_x0041_",
        "<r><t>rich</t></r>",
        "<r>",
        "</is></c>",
        " blank ",
        "",
    ],
)
def test_texts_stay_texts(text: str) -> None:
    content = made([[1, text, SIGNED_ON]])
    assert cells(content)[0][1][1] == text
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(NAMES, max_size=5))
@example(["\ud800"])
@example(["<r>&</r>"])
def test_no_text_breaks_the_file_and_none_is_lost(names: list[str]) -> None:
    rows: list[list[Cell]] = [[number, name, SIGNED_ON] for number, name in enumerate(names)]
    read = [row[1] for row in cells(made(rows))[0][1:]]
    expected = [
        re.sub("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]", REPLACEMENT, n) for n in names
    ]
    assert [str(value or "") for value in read] == expected


@pytest.mark.parametrize(("amount", "sheets"), [(0, [1]), (1, [2]), (4, [5]), (5, [5, 2]), (8, [5, 5]), (9, [5, 5, 2])])
def test_a_long_list_continues_on_further_sheets(
    amount: int, sheets: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHEET_ROWS", 5)
    read = cells(made([[number, "Ж", SIGNED_ON] for number in range(amount)]))
    assert [len(sheet) for sheet in read] == sheets
    assert all(sheet[0] == HEADER for sheet in read)
    assert [row[0] for sheet in read for row in sheet[1:]] == list(range(amount))


def test_the_same_list_gives_the_same_bytes_at_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[Cell]] = [[number, "Ж", SIGNED_ON] for number in range(50)]
    first = made(rows)
    time.sleep(1.1)
    assert made(rows) == first
    book = openpyxl.load_workbook(io.BytesIO(first))
    assert book.properties.created == MADE_AT.replace(tzinfo=None)
    assert book.properties.title == "Петиция"


def test_names_left_by_a_killed_process_are_removed_when_the_next_one_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = """
import sys
from datetime import UTC, date, datetime
from signatures.delivering.writers.fields import Field
from signatures.delivering.writers.xlsx_file import xlsx_file
def rows():
    for number in range(20_000):
        yield {"a": number, "b": "Зянон Пазьняк", "c": date(2011, 1, 15)}
    print("half", flush=True)
    sys.stdin.read()
fields = [Field(key, key) for key in "abc"]
list(xlsx_file(fields, rows(), title="t", made_at=datetime(2011, 1, 1, tzinfo=UTC), watermark="w"))
"""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with ExitStack() as stack:
        killed, working = (
            stack.enter_context(
                subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            )
            for _ in range(2)
        )
        for process in (killed, working):
            assert process.stdout is not None
            assert process.stdout.readline() == b"half\n"
        killed.kill()
        killed.wait()
        (place,) = tmp_path.iterdir()
        assert place.stat().st_mode & 0o077 == 0
        assert len(list(place.iterdir())) == 2
        assert any("Пазьняк" in path.read_text() for path in place.rglob("*") if path.is_file())
        clear_scratch()
        (left,) = place.iterdir()
        assert working.poll() is None
        assert any(path.name != "lock" for path in left.iterdir())
        working.kill()
        working.wait()
    made([[1, "Ж", SIGNED_ON]])
    assert list(place.iterdir()) == []


def test_a_folder_that_another_account_may_open_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made([[1, "Ж", SIGNED_ON]])
    (place,) = tmp_path.iterdir()
    place.chmod(0o755)
    with pytest.raises(ForeignFolderError):
        made([[1, "Ж", SIGNED_ON]])


def test_a_list_of_100_000_names_takes_no_more_memory_than_a_short_one() -> None:
    program = f"""
import resource, sys
from datetime import UTC, date, datetime
from signatures.delivering.writers.fields import Field
from signatures.delivering.writers.xlsx_file import xlsx_file
def grown(amount):
    rows = ({{"a": n, "b": "Уладзімір Някляеў-Караткевіч", "c": date(2011, 1, 15)}} for n in range(amount))
    fields = [Field(key, key) for key in "abc"]
    for _ in xlsx_file(fields, rows, title="t", made_at=datetime(2011, 1, 1, tzinfo=UTC), watermark="w"): pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
short = grown(100)
print(grown({MANY_ROWS}) - short)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 10 * 1024
