"""The HTML of every page and state is valid, by a program that nobody here wrote (html-validate)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from tests.support import factories
from tests.support.every_page import make_full_petition, paths, states
from tests.support.mailbox import Mailbox, code_in
from tests.support.programs import require_program
from tests.support.server.local_site import ROOT

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent
VALIDATOR = FOLDER / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
ERROR = 2


def require_validator() -> list[str]:
    """Return the command, or skip the test and say what is missing."""
    node = require_program("node")
    if not VALIDATOR.exists():
        reason = f"html-validate is not installed: npm ci --prefix {FOLDER.relative_to(Path.cwd())}"
        if os.environ.get("CI_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return [node, str(VALIDATOR), "--config", str(FOLDER / "rules.json"), "--formatter", "json"]


def complaints(pages: dict[str, bytes], folder: Path) -> list[str]:
    """Return what the validator has to say of pages, known by a name each."""
    command = require_validator()
    files = {}
    for number, (name, content) in enumerate(pages.items()):
        path = folder / f"{number}.html"
        path.write_bytes(content)
        files[str(path)] = name
    found = folder / "found.json"
    # Node ends before a pipe has taken a long report.
    with found.open("wb") as report:
        subprocess.run([*command, *files], stdout=report, check=False, timeout=120)
    return [
        f"{files[page['filePath']]}:{message['line']}: {message['ruleId']}: {message['message']}"
        for page in json.loads(found.read_bytes())
        for message in page["messages"]
        if message["severity"] == ERROR
    ]


def test_the_html_of_every_page_is_valid(
    organiser_client: Callable[[str], Client],
    visitor: Client,
    mailbox: Mailbox,
    settings: Settings,
    tmp_path: Path,
) -> None:
    petition = make_full_petition(organiser_client("Organisers"))
    factories.sign(visitor, petition, visibility="PUBLIC")
    code = code_in(mailbox.deliver()[0])
    pages = {path: Client().get(path).content for language in ("en", "ru") for path in paths(petition, language, code)}
    for language in ("en", "ru"):
        pages |= {f"{name} ({language})": content for name, content in states(petition, language, settings)}
    pages |= {str(path): path.read_bytes() for path in (ROOT / "deploy" / "nginx" / "errors").glob("*.html")}
    assert len(pages) > 60
    assert complaints(pages, tmp_path) == []


def test_what_is_not_valid_is_found(tmp_path: Path) -> None:
    pages = {"broken": b"<!DOCTYPE html><html lang=en><title>x</title><body><p id=a><div id=a></p></div></body></html>"}
    assert complaints(pages, tmp_path)
