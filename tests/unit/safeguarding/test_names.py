"""Names in any script: what is kept, what is removed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.safeguarding.names import clean_text, is_name

INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  Анна \t  Кот\n", "Анна Кот"),
        ("Anne-Marie O'Neill-D’Arcy", "Anne-Marie O'Neill-D’Arcy"),
        ("Уладзімір Някляеў", "Уладзімір Някляеў"),
        ("Фёдор Ёлкин", "Фёдор Ёлкин"),
        ("И\u0306од Е\u0308ж", "Йод Ёж"),
        ("Zoe\u0308 Łukasz Nguyễn", "Zoë Łukasz Nguyễn"),
        ("李小龙", "李小龙"),
        ("محمد", "محمد"),
        ("a\u202eb\u200fc\u2066d\u2069\ufeff", "abcd"),
        ("a\u200bb\u200dc\u00ad", "abc"),
        ("a\0b\x07c\x1b[31m", "abc[31m"),
        ("a\u00a0b\u2003c\u3000d", "a b c d"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("\ud800a\ue000b\U000e0041", "ab"),
        ("Ли\u3164\u3164на\ufe0f\u034f", "Лина"),
        ("\u3164\u115f\u1160\uffa0", ""),
        ("Zo" + "\u0335" * 100 + "e", "Zo" + "\u0335" * 4 + "e"),
        ("בְּרֵאשִׁית", unicodedata.normalize("NFC", "בְּרֵאשִׁית")),
        ("", ""),
        ("\u200e \u200f", ""),
    ],
)
def test_what_people_write_is_kept_and_what_nobody_sees_is_removed(typed: str, cleaned: str) -> None:
    assert clean_text(typed) == cleaned


@given(st.text())
def test_cleaned_text_is_clean(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not {unicodedata.category(character) for character in cleaned} & INVISIBLE
    assert cleaned == " ".join(cleaned.split())
    assert cleaned.encode().decode() == cleaned


@given(st.text(alphabet=st.characters(categories=["L", "Nd", "P", "S"])))
def test_no_visible_character_is_lost(text: str) -> None:
    assert clean_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", ["a", "Ё", "李", "1a", "م"])
def test_a_letter_makes_a_name(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["", "123", "...", "-'’", "💥"])
def test_no_letter_makes_none(text: str) -> None:
    assert not is_name(text)
