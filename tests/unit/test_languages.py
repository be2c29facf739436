"""Which of the available languages somebody gets."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings

from signatures.languages import (
    TRAITS,
    Language,
    in_site_order,
    language_with,
    name_of,
    offered,
    read_by,
    site_languages,
    text_in,
)
from tests.support.language_places import CATALOGUE, FORMATS, MIGRATIONS, missing_places

ROOT = Path(__file__).resolve().parents[2]


def test_every_shipped_language_has_its_own_name_and_a_code_known_to_other_sites() -> None:
    assert [name_of(code) for code in Language.values] == ["English", "Русский", "Беларуская"]
    assert TRAITS.keys() == set(Language)
    assert all(traits.og_locale[:2] == language for language, traits in TRAITS.items())


@pytest.mark.parametrize("code", Language.values)
def test_every_shipped_language_is_complete(code: str) -> None:
    assert missing_places(ROOT, code) == []


@pytest.mark.parametrize(
    ("forgotten", "said"),
    [
        ("petition_site/formats/be", "petition_site/formats/be/formats.py is missing; "),
        ("locale/be/LC_MESSAGES", "locale/be/LC_MESSAGES/django.po is missing; "),
        ("locale/be/LC_MESSAGES/django.mo", "locale/be/LC_MESSAGES/django.mo is missing: run make messages; "),
        (MIGRATIONS, "No migration adds the columns of be: run makemigrations; "),
    ],
)
def test_a_missing_part_of_a_language_is_named(tmp_path: Path, forgotten: str, said: str) -> None:
    for place in ("petition_site/formats", "locale", MIGRATIONS):
        shutil.copytree(ROOT / place, tmp_path / place)
    assert missing_places(tmp_path, "be") == []
    gone = tmp_path / forgotten
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    assert missing_places(tmp_path, "be") == [f"{said}see docs/languages.md"]


def test_a_missing_format_is_named(tmp_path: Path) -> None:
    for place in ("petition_site/formats", "locale", MIGRATIONS):
        shutil.copytree(ROOT / place, tmp_path / place)
    path = tmp_path / "petition_site/formats/be/formats.py"
    path.write_text(re.sub("^YEAR_MONTH_FORMAT.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE), "utf-8")
    (problem,) = missing_places(tmp_path, "be")
    assert "lacks YEAR_MONTH_FORMAT" in problem


def test_the_guide_covers_every_place_in_at_most_five_steps() -> None:
    guide = (ROOT / "docs/languages.md").read_text(encoding="utf-8")
    assert 1 < len(re.findall(r"^## \d\.", guide, re.MULTILINE)) <= 5
    folders = (FORMATS.format(code="eo"), CATALOGUE.format(code="eo"), f"{MIGRATIONS}/x")
    assert [place for place in folders if f"{place.rpartition('/')[0]}/" not in guide] == []


@pytest.mark.parametrize(
    ("tags", "among", "expected"),
    [
        (["ru-RU", "en"], ["en", "ru"], "ru"),
        (["de", "EN-gb"], ["ru", "en"], "en"),
        (["be"], ["en", "ru"], "ru"),
        (["be"], ["en", "ru", "be"], "be"),
        (["be"], ["en"], "en"),
        (["de"], ["ru", "en"], "ru"),
        ([], ["ru"], "ru"),
    ],
)
def test_a_browser_gets_its_first_available_language_or_one_that_its_user_reads(
    tags: list[str], among: list[str], expected: str
) -> None:
    assert read_by(tags, among) == expected


def test_the_site_lists_its_languages_in_the_order_of_the_settings(settings: Settings) -> None:
    settings.LANGUAGES = [("ru", "Русский"), ("en", "English")]
    assert site_languages() == ["ru", "en"]
    assert in_site_order(["en", "ru"]) == ["ru", "en"]
    settings.LANGUAGES = [("ru", "Русский")]
    assert in_site_order(["en", "ru"]) == ["ru", "en"]
    assert (offered("ru"), offered("en")) == ("ru", "ru")


def test_a_missing_translation_falls_back_to_the_first_language_that_has_one() -> None:
    recipient = SimpleNamespace(name_en="Parliament", name_ru=None)
    assert (language_with(recipient, "name", "ru"), text_in(recipient, "name", "ru")) == ("en", "Parliament")
    nothing = SimpleNamespace(name_en="", name_ru=None)
    assert (language_with(nothing, "name", "ru"), text_in(nothing, "name", "ru")) == ("ru", "")
