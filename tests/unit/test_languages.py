"""Which language somebody gets, of those that there are."""

from __future__ import annotations

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


def test_every_language_that_is_shipped_has_a_name_of_its_own_and_is_known_to_other_sites() -> None:
    assert [name_of(code) for code in Language.values] == ["English", "Русский", "Беларуская"]
    assert TRAITS.keys() == set(Language)
    assert all(traits.og_locale[:2] == language for language, traits in TRAITS.items())


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
def test_a_browser_gets_its_first_language_that_there_is_or_one_that_its_user_reads(
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


def test_a_text_that_is_missing_in_a_language_is_taken_from_the_first_that_has_it() -> None:
    recipient = SimpleNamespace(name_en="Parliament", name_ru=None)
    assert (language_with(recipient, "name", "ru"), text_in(recipient, "name", "ru")) == ("en", "Parliament")
    nothing = SimpleNamespace(name_en="", name_ru=None)
    assert (language_with(nothing, "name", "ru"), text_in(nothing, "name", "ru")) == ("ru", "")
