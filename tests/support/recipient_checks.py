"""Checks files as their recipients do: with the field on the public page, the command, openssl and 7-Zip."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
from pathlib import Path

from django.core.management import call_command
from django.test import Client

from signatures.delivering.watermarks import PATTERN
from signatures.models import Petition
from tests.support.hand_overs import texts_in
from tests.support.page_reading import page_of, read, words
from tests.support.programs import require_program


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def watermarks_in(name: str, content: bytes) -> list[str]:
    """Return the distinct watermarks in all parts of a file."""
    found = [match[0] for text in texts_in(name, content) for match in PATTERN.finditer(text)]
    return list(dict.fromkeys(found))


def watermark_in(name: str, content: bytes) -> str:
    """Return the only watermark in a file."""
    (found,) = watermarks_in(name, content)
    return found


def told_of(content: bytes, petition: Petition, language: str = "en") -> str:
    """Paste a file's digest into the public field, and return the page's text."""
    page = read(Client(), f"{page_of(petition, 'deliveries', language)}?digest={digest_of(content)}")
    found = re.search(r'<div role="status">(.*?)</div>', page, re.DOTALL)
    assert found is not None
    return words(found.group(1))


def verify(path: Path) -> str:
    """Run the verify_delivery command and return its output."""
    out = io.StringIO()
    call_command("verify_delivery", str(path), stdout=out)
    return out.getvalue()


def verified_by_openssl(folder: Path) -> str:
    """Run the openssl command from README.txt unchanged, and return its output."""
    require_program("openssl")
    line = next(line for line in (folder / "README.txt").read_text().splitlines() if "openssl" in line)
    done = subprocess.run(line.split(), cwd=folder, check=False, capture_output=True, text=True)
    return done.stdout + done.stderr


def run_7z(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run 7-Zip."""
    return subprocess.run([require_program("7zz", "7z"), *map(str, words)], check=False, capture_output=True, text=True)
