"""Cyrillic names are transliterated as in passports."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signatures.delivering.writers.latin import latin

RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
BELARUSIAN = "абвгдеёжзійклмнопрстуўфхцчшыьэюя"
LETTERS = {*RUSSIAN, *BELARUSIAN, "ґ", *RUSSIAN.upper(), *BELARUSIAN.upper(), "Ґ"}
NAMES = st.text(
    st.sampled_from("".join(sorted(LETTERS)) + "єїЄЇЀѝ'’ʼ- .aZł\u0300\u0301\u0306\u0308") | st.characters(), max_size=12
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Юлия Щеглова", "Iuliia Shcheglova"),
        ("Артём Подъездной", "Artem Podieezdnoi"),
        ("Игорь Ильин-Бельский", "Igor Ilin-Belskii"),
        ("ЩУКИН Ю. А.", "SHCHUKIN Iu. A."),
        ("д'Артаньян Пётр", "d'Artanian Petr"),
    ],
)
def test_russian_names_are_written_as_in_russian_passports(name: str, expected: str) -> None:
    assert latin(name, "ru") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Бабрыковіч Аляксандр", "Babrykovich Aliaksandr"),
        ("Міховіч Марыя", "Mikhovich Maryia"),
        ("Ігар", "Ihar"),
        ("Сяргей Шаўчэнка", "Siarhei Shauchenka"),
        ("Лук'янаў Ёсіф", "Lukianau Iosif"),
        ("Дзем’ян Пётр", "Dzemian Piotr"),
        ("Марʼя Грыб", "Maria Hryb"),
        ("УЛАДЗІМІР НЯКЛЯЕЎ", "ULADZIMIR NIAKLIAEU"),
    ],
)
def test_belarusian_names_are_recognised_by_their_spelling_on_a_russian_page(name: str, expected: str) -> None:
    assert latin(name, "ru") == expected


def test_a_known_language_decides_where_the_spelling_does_not() -> None:
    assert latin("Сяргей", "be") == "Siarhei"
    assert latin("Сяргей", "ru") == "Siargei"
    assert latin("Олександр Гончар", "uk") == "Oleksandr Honchar"


def test_ukrainian_names_leave_no_letter_behind() -> None:
    assert latin("Євген Їжак-Гаврилюк, Київ", "en") == "Yevhen Yizhak-Havryliuk, Kyiv"


@pytest.mark.parametrize("name", ["Łukasz Żółć", "O'Brien", "משה כהן", "中文", "Ελένη", "გიორგი", "Ђорђе"[0], "", " "])
def test_letters_of_other_alphabets_stay(name: str) -> None:
    assert latin(name, "ru") == name


def test_letters_composed_of_two_characters_are_read_as_one() -> None:
    assert latin("Андреи\u0306 Ершо\u0308в, Шау\u0306чэнка", "en") == "Andrei Ershöv, Shauchenka"


@settings(max_examples=200, derandomize=True, deadline=None)
@given(NAMES, st.sampled_from(["en", "ru", "be", "uk", "xx"]))
@example("ЪЬъь", "ru")
@example("е\u0308", "ru")
def test_no_name_breaks_it_or_keeps_a_cyrillic_letter(name: str, language: str) -> None:
    written = latin(name, language)
    assert not LETTERS & set(written)
    assert latin(written, language) == written
