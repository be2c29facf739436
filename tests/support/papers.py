"""Sample letters to typeset, and programs that read the resulting PDF."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from signatures.delivering.letter import Letter, PetitionText, SignedVersion
from signatures.delivering.letter_words import document_of
from signatures.delivering.writers.fields import Cell, Row
from signatures.delivering.writers.pdf.document import pdf_files
from tests.support.programs import require_program

LETTER = Letter(
    language="en",
    texts=(
        PetitionText(
            "en", "Free the prisoners", "We ask for their release.", "## What we ask\n\n1. **Free** them.\n2. Now."
        ),
        PetitionText(
            "ru", "Свободу заключённым", "Мы просим освободить их.", "## Чего мы просим\n\n1. **Освободите** их."
        ),
    ),
    recipient="Committee on Petitions",
    petitioner="Alena Shauchenka",
    nationality="Belarus",
    address="ul. Długa 1\n00-001 Warszawa",
    responsible_body="Viasna group",
    confidentiality="Some signers can be punished.",
    contact="viasna@example.org",
    page="https://petition.example/en/petitions/prisoners/",
    hand_overs_page="https://petition.example/en/petitions/prisoners/deliveries/",
    total=5214,
    unnamed=5213,
    total_eu=3476,
    countries=(("Poland", 3476), ("Others", 1738)),
    versions=(SignedVersion(1, "d3fe919f" * 8, 5000), SignedVersion(2, "0123abcd" * 8, 214)),
    cut_off=datetime(2011, 3, 1, 12, 0, tzinfo=UTC),
    made_at=datetime(2011, 3, 1, 12, 15, tzinfo=UTC),
)


def line(number: int, name: str, country: str = "Польша", version: int = 2, **further: Cell) -> Row:
    """Return a line of the list."""
    row: Row = {"number": number, "name": name, "country": country, "signed_on": date(2011, 1, 15)}
    return {**row, "text_version": version, **further}


def listed(*names: str, **further: Cell) -> list[Row]:
    """Return numbered lines."""
    return [line(number, name, **further) for number, name in enumerate(names, 1)]  # type: ignore[arg-type]


def watermark_of(name: str) -> str:
    """Return a different watermark for each file."""
    return f"watermark-of-{name}"


def files(letter: Letter, names: Iterable[Row], total: int) -> dict[str, bytes]:
    """Return every file of a delivery."""
    return {
        name: b"".join(chunks) for name, chunks in pdf_files(document_of(letter, total), names, total, watermark_of)
    }


def one_file(folder: Path, *names: str, **changes: object) -> Path:
    """Return the path of a document with these names and the sample letter, with some fields changed."""
    lines = listed(*names)
    path = folder / "petition.pdf"
    path.write_bytes(files(replace(LETTER, **changes), lines, len(lines))["petition.pdf"])  # type: ignore[arg-type]
    return path


def read(program: str, *arguments: str | Path) -> str:
    """Return the output of one of poppler's programs."""
    command = [require_program(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8", errors="replace").stdout


def text_of(path: Path, *options: str) -> str:
    """Return the text of a PDF."""
    return read("pdftotext", *options, path, "-")


def pages_of(path: Path) -> list[str]:
    """Return the text of each page."""
    return text_of(path, "-layout").split("\f")[:-1]
