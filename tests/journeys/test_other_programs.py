"""What is handed over is opened by programs that nobody here wrote, with names that are meant to do harm."""

from __future__ import annotations

import csv
import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from signatures.models import Delivery, Petition
from tests.support import factories
from tests.support.hand_overs import grow_older, package_of, prepare, unpack_to, unpacked
from tests.support.name_lists import recipient_of
from tests.support.programs import require_program

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = [
    '=HYPERLINK("http://127.0.0.1:9/x","click")',
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(1,2)",
    "＝1+1",
    "=cmd|' /C calc'!A0",
    "ь=1+1",
    'A "quoted", O\'Neill; semi',
    '"',
    'x;=1+1, "=1+1',
    "\u202eправа налево\u202c",
    "\u200f\u2067משה כהן\u2069",
    "محمد علي",
    "Ж" * 120,
    "👩‍👩‍👧 Emoji 😀",
    "中文 名字",
    "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
    "АБВГДЕЁЖЗІЙКЛМНОПРСТУЎФХЦЧШЫЬЭЮЯҐ абвгдеёжзійклмнопрстуўфхцчшыьэюяґ",
    "007",
    "1e5",
    "12/03/2011",
    "TRUE",
    "<b>&amp;</b>",
]
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
# LibreOffice's import of CSV: the separator's code, quotes, UTF-8, from the first line on.
IMPORT = {",": "44,34,76,1", ";": "59,34,76,1"}


@pytest.fixture
def petition() -> Petition:
    """Return a petition that people with hostile names have signed."""
    petition = factories.make_petition()
    for name in NAMES:
        factories.make_signature(petition, name=name)
    grow_older(petition)
    return petition


def handed_out(client: Client, petition: Petition, **values: str) -> tuple[Delivery, bytes]:
    """Prepare a list with a workbook, and download the ZIP."""
    delivery = prepare(client, recipient_of(petition, "Parliament"), with_workbook="on", **values)
    return delivery, package_of(client, delivery)


def without_apostrophes(names: list[str]) -> list[str]:
    """Return names without the sign that keeps a spreadsheet from running them."""
    return [name.replace("'", "") for name in names]


def opened_by_libreoffice(path: Path, delimiter: str = "") -> tuple[list[list[str]], int]:
    """Return the rows that LibreOffice finds in a file, and how many formulas."""
    program = require_program("soffice")
    given = ["--infilter=Text - txt - csv (StarCalc):" + IMPORT[delimiter]] if delimiter else []
    command = [program, f"-env:UserInstallation=file://{path.parent / 'profile'}", "--headless", *given]
    command += ["--convert-to", "fods", "--outdir", str(path.parent / "out"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    root = ET.parse(path.parent / "out" / f"{path.stem}.fods")  # noqa: S314 - LibreOffice wrote it
    rows = []
    formulas = 0
    for row in root.iter(f"{TABLE}table-row"):
        cells = []
        for cell in row.findall(f"{TABLE}table-cell"):
            formulas += cell.get(f"{TABLE}formula") is not None
            cells.append("\n".join("".join(part.itertext()) for part in cell.findall(f"{TEXT}p")))
        if any(cells):
            rows.append(cells)
    return rows, formulas


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_python_and_libreoffice_find_every_name_in_the_csv_and_nothing_to_run(
    petition: Petition, organiser_client: Callable[[str], Client], tmp_path: Path, delimiter: str
) -> None:
    _, package = handed_out(organiser_client("Organisers"), petition, delimiter=delimiter, with_latin="on")
    folder = unpack_to(tmp_path, {"signatures.csv": unpacked(package)["signatures.csv"]})
    with (folder / "signatures.csv").open(encoding="utf-8-sig", newline="") as file:
        by_python = list(csv.reader(file, delimiter=delimiter, strict=True))
    assert without_apostrophes([row[1] for row in by_python[1:]]) == without_apostrophes(NAMES)
    rows, formulas = opened_by_libreoffice(folder / "signatures.csv", delimiter)
    assert formulas == 0
    shown = [row[1] for row in rows[1:]]
    # A program may take a text for a number or a day, which loses nothing of who signed.
    guessed = {"007", "1e5", "12/03/2011", "TRUE"}
    told = [row[1] for row in by_python[1:]]
    assert [name for name, own in zip(shown, told, strict=True) if own not in guessed] == [
        own for own in told if own not in guessed
    ]


def test_openpyxl_and_libreoffice_find_every_name_in_the_workbook_and_nothing_to_run(
    petition: Petition, organiser_client: Callable[[str], Client], tmp_path: Path
) -> None:
    _, package = handed_out(organiser_client("Organisers"), petition)
    content = unpacked(package)["signatures.xlsx"]
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert [unescape(str(row[1])) for row in sheet.iter_rows(min_row=2, values_only=True)] == NAMES
    rows, formulas = opened_by_libreoffice(unpack_to(tmp_path, {"signatures.xlsx": content}) / "signatures.xlsx")
    assert formulas == 0
    assert [row[1] for row in rows[1:]] == NAMES


def test_unzip_and_7_zip_find_the_zip_whole_and_one_changed_byte(
    petition: Petition, organiser_client: Callable[[str], Client], tmp_path: Path
) -> None:
    _, package = handed_out(organiser_client("Organisers"), petition)
    path = tmp_path / "package.zip"
    commands = [[require_program("unzip"), "-tq", str(path)], [require_program("7zz", "7z"), "t", str(path)]]
    path.write_bytes(package)
    assert [status_of(command) for command in commands] == [0, 0]
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        place = archive.getinfo("signatures.csv").header_offset + 200
    path.write_bytes(package[:place] + bytes([package[place] ^ 1]) + package[place + 1 :])
    assert 0 not in [status_of(command) for command in commands]


def status_of(command: list[str]) -> int:
    """Return how a program ended."""
    return subprocess.run(command, check=False, capture_output=True).returncode
