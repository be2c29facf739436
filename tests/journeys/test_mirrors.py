"""The list of mirrors says where the site and its copies are, and openssl tells it from any other."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from tests.support.programs import require_program

NAMES = ("mirrors.txt", "mirrors.sig", "mirrors.pem")
MIRRORS = ["https://copy.example.net/petition/", "http://mirror.example.org/"]


@pytest.fixture(autouse=True)
def listed(settings: Settings) -> None:
    """Have a key and two mirrors."""
    settings.MIRRORS_SIGNING_KEY, settings.MIRRORS = b"k" * 32, MIRRORS


def fetched(folder: Path) -> Path:
    """Save the three files as somebody would who checks them, and return the folder."""
    for name in NAMES:
        answer = Client().get(f"/.well-known/{name}")
        assert answer.status_code == 200
        (folder / name).write_bytes(answer.content)
    return folder


def fits(folder: Path) -> bool:
    """Check the list by the words that stand in it."""
    (command,) = [
        line.removeprefix("# ")
        for line in (folder / "mirrors.txt").read_text(encoding="utf-8").splitlines()
        if line.startswith("# openssl")
    ]
    require_program("openssl")
    done = subprocess.run(command.split(), cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


def test_openssl_checks_the_list_by_the_line_that_stands_in_it(tmp_path: Path) -> None:
    folder = fetched(tmp_path)
    assert fits(folder)
    listed = (folder / "mirrors.txt").read_bytes()
    (folder / "mirrors.txt").write_bytes(listed.replace(b"copy.example.net", b"fake.example.net"))
    assert not fits(folder)


def test_it_names_the_site_the_onion_service_and_every_mirror_and_when_it_runs_out(settings: Settings) -> None:
    settings.ONION_ORIGIN = f"http://{'a' * 56}.onion"
    lines = Client().get("/.well-known/mirrors.txt").content.decode().splitlines()
    today = datetime.now(UTC).date()
    assert [line for line in lines if not line.startswith("#")] == [
        "Site: http://testserver/",
        f"Onion: http://{'a' * 56}.onion/",
        *(f"Mirror: {mirror}" for mirror in MIRRORS),
        "Canonical: http://testserver/.well-known/mirrors.txt",
        f"Signed: {today}",
        f"Expires: {today + timedelta(days=30)}",
    ]


def test_list_and_signature_fit_whenever_in_a_day_they_are_fetched(tmp_path: Path) -> None:
    with time_machine.travel("2027-01-02T00:00:01Z", tick=False):
        fetched(tmp_path)
    with time_machine.travel("2027-01-02T23:59:59Z", tick=False):
        (tmp_path / "mirrors.sig").write_bytes(Client().get("/.well-known/mirrors.sig").content)
    assert fits(tmp_path)


def test_without_a_key_there_is_no_list(settings: Settings) -> None:
    settings.MIRRORS_SIGNING_KEY = b""
    assert [Client().get(f"/.well-known/{name}").status_code for name in NAMES] == [404, 404, 404]
