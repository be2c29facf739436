"""The pages that nginx shows by itself are written in the site's languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from signatures.languages import Language
from tests.support.production import ROOT

EXAMPLES = ROOT / "deploy" / "nginx" / "errors"


def written(folder: Path) -> dict[str, str]:
    """Return the pages that the command writes, by name."""
    folder.mkdir()
    call_command("nginx_error_pages", folder, verbosity=0)
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


def test_the_examples_are_in_every_language_that_the_code_ships_and_up_to_date(
    settings: Settings, tmp_path: Path
) -> None:
    settings.LANGUAGES = [(code, code) for code in Language.values]
    settings.SECURE_HSTS_SECONDS = 63_072_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    assert written(tmp_path / "pages") == {file.name: file.read_text(encoding="utf-8") for file in EXAMPLES.iterdir()}


@pytest.mark.parametrize(("subdomains", "preload"), [(True, True), (True, False), (False, False)])
def test_nginx_says_the_same_of_https_as_the_site(
    settings: Settings, tmp_path: Path, *, subdomains: bool, preload: bool
) -> None:
    settings.SECURE_HSTS_SECONDS = 63_072_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = subdomains
    settings.SECURE_HSTS_PRELOAD = preload
    said = Client().get("/-/live", secure=True).headers["Strict-Transport-Security"]
    line = f'add_header Strict-Transport-Security "{said}" always;\n'
    assert written(tmp_path / "pages")["hsts.conf"] == line


def test_a_site_without_https_has_nginx_say_nothing_of_it(settings: Settings, tmp_path: Path) -> None:
    settings.SECURE_HSTS_SECONDS = 0
    assert "add_header" not in written(tmp_path / "pages")["hsts.conf"]


def test_a_site_in_one_language_has_pages_in_it_alone(settings: Settings, tmp_path: Path) -> None:
    settings.LANGUAGES = [("ru", "Русский")]
    page = written(tmp_path / "pages")["away.html"]
    assert '<html lang="ru">' in page
    assert "<h1>Сайт ненадолго недоступен.</h1>" in page
    assert "not available" not in page
