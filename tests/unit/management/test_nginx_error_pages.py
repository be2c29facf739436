"""The pages that nginx shows by itself are written in the site's languages."""

from __future__ import annotations

from pathlib import Path

from django.core.management import call_command
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
    assert written(tmp_path / "pages") == {
        file.name: file.read_text(encoding="utf-8") for file in EXAMPLES.glob("*.html")
    }


def test_a_site_in_one_language_has_pages_in_it_alone(settings: Settings, tmp_path: Path) -> None:
    settings.LANGUAGES = [("ru", "Русский")]
    page = written(tmp_path / "pages")["away.html"]
    assert '<html lang="ru">' in page
    assert "<h1>Сайт ненадолго недоступен.</h1>" in page
    assert "not available" not in page
