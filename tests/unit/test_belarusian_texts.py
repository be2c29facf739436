"""Belarusian texts use the official spelling and only letters of the Belarusian alphabet."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import django
import pytest
from django.conf import global_settings
from django.utils import translation
from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext, pgettext

from tests.support.interface_texts import OF_DJANGO, OLD_SPELLING, RUSSIAN
from tests.translations import CATALOGUES, ROOT, Entry, read_catalogue

OURS = sorted(path for pattern in CATALOGUES for path in ROOT.glob(pattern) if path.parts[-3] == "be")
DJANGO = Path(django.__file__).parent
# Django's Belarusian names of languages are shown nowhere.
LANGUAGE_NAMES = {name for _code, name in global_settings.LANGUAGES}
# The short U follows a vowel, the long one everything else.
WRONG_U = re.compile("[аеёіоуыэюя][ \N{NO-BREAK SPACE}]у[а-яёіў]|[бвгджзйклмнпрстфхцчшь]ў", re.IGNORECASE)
MIXED = re.compile("[а-яёіў][a-z]|[a-z][а-яёіў]", re.IGNORECASE)
APOSTROPHE = re.compile("[а-яёіў]'[а-яёіў]", re.IGNORECASE)


def translated(entry: Entry) -> str:
    """Return the translation of a text; of plural forms the one for 1."""
    words = entry.words
    if "msgctxt" in words:
        return pgettext(words["msgctxt"], words["msgid"])
    return ngettext(words["msgid"], words["msgid_plural"], 1) if "msgid_plural" in words else gettext(words["msgid"])


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_texts_are_in_belarusian_letters_and_the_official_spelling(path: Path) -> None:
    assert len(OURS) == 3
    for entry in read_catalogue(path):
        for text in entry.translations.values() if entry.key else ():
            for wrong in (RUSSIAN, OLD_SPELLING, WRONG_U, MIXED, APOSTROPHE):
                assert not wrong.search(text), text


def test_the_first_petition_is_in_the_official_spelling_too() -> None:
    for name in ("be.md", "petition.json"):
        text = (ROOT / "signatures" / "texts" / "first_petition" / name).read_text(encoding="utf-8")
        found = "\n".join(re.findall(r'"be": "(.*)"', text)) or text
        for wrong in (OLD_SPELLING, WRONG_U, MIXED, APOSTROPHE):
            assert not wrong.search(found), wrong.pattern


def test_no_text_of_django_is_in_the_old_spelling() -> None:
    with translation.override("be"):
        for part in OF_DJANGO:
            for entry in read_catalogue(DJANGO / part / "locale" / "be" / "LC_MESSAGES" / "django.po"):
                if entry.words["msgid"] and entry.words["msgid"] not in LANGUAGE_NAMES:
                    assert not OLD_SPELLING.search(translated(entry)), entry.key


def test_dates_and_numbers_are_written_as_in_belarusian() -> None:
    months = ["студзень", "люты", "сакавік", "красавік", "май", "чэрвень"]
    months += ["ліпень", "жнівень", "верасень", "кастрычнік", "лістапад", "снежань"]
    of_months = ["студзеня", "лютага", "сакавіка", "красавіка", "мая", "чэрвеня"]
    of_months += ["ліпеня", "жніўня", "верасня", "кастрычніка", "лістапада", "снежня"]
    with translation.override("be"):
        days = [date(2026, month, 28) for month in range(1, 13)]
        assert [format_date(day, "F") for day in days] == months
        assert [format_date(day, "E") for day in days] == of_months
        assert format_date(days[-2], "j E Y") == "28 лістапада 2026"
        assert number_format(1234567.5, force_grouping=True) == "1\xa0234\xa0567,5"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, "1 пацверджаны подпіс"),
        (2, "2 пацверджаныя подпісы"),
        (4, "4 пацверджаныя подпісы"),
        (5, "5 пацверджаных подпісаў"),
        (11, "11 пацверджаных подпісаў"),
        (21, "21 пацверджаны подпіс"),
        (22, "22 пацверджаныя подпісы"),
        (112, "112 пацверджаных подпісаў"),
    ],
)
def test_a_noun_agrees_with_its_number(number: int, expected: str) -> None:
    with translation.override("be"):
        said = ngettext(
            "We hand over to you a petition that has %(total)s confirmed signature.",
            "We hand over to you a petition that has %(total)s confirmed signatures.",
            number,
        ) % {"total": number}
    assert said.replace("\N{NO-BREAK SPACE}", " ") == f"Перадаём вам петыцыю, пад якой {expected}."
