"""Names in any script: what is kept, what is removed."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signatures.safeguarding.names import JOINERS, clean_text, is_name

INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
SHAPING = "\u200c\u200d\u180b\u180c\u180d\u180e\u180f\ufe00\ufe01\ufe02\ufe0f\U000e0100\U000e0101\U000e01ef"
# Joining and non-joining letters, with marks and viramas, of all scripts that have such signs.
BESIDE = "aи علیرضدہآ\u064b\u0654\u0640ශ්රक्ष\u093cর্যന\u0d4dᠨᠠ葛城\ufa10e\u0308\u0301"


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
        # Visible characters stay: Georgian and Armenian letters, hyphens and apostrophes of any kind, bars, dots.
        ("გიორგი ᲒᲘᲝᲠᲒᲘ", "გიორგი ᲒᲘᲝᲠᲒᲘ"),
        ("Սևակ ԵՒ֊՚", "Սևակ ԵՒ֊՚"),
        ("בן־גוריון ג׳ורג׳ צה״ל", "בן־גוריון ג׳ורג׳ צה״ל"),
        ("محـــمد", "محـــمد"),
        ("О'Н О’Н ОʼН О`Н О´Н О′Н Оʻ", "О'Н О’Н ОʼН О`Н О´Н О′Н Оʻ"),
        ("а-б а‐б а‑б а–б а−б", "а-б а‐б а‑б а–б а−б"),
        ("Gal·la J.R.R.", "Gal·la J.R.R."),
        ("а\xadб а\u2060б", "аб аб"),
        ("Анна\xa0Кот\u202fЯн\u2007", "Анна Кот Ян"),
    ],
)
def test_visible_text_is_kept_and_invisible_characters_are_removed(typed: str, cleaned: str) -> None:
    assert clean_text(typed) == cleaned


@given(st.text())
def test_cleaned_text_is_clean(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not {unicodedata.category(character) for character in cleaned if character not in SHAPING} & INVISIBLE
    assert cleaned == " ".join(cleaned.split())
    assert cleaned.encode().decode() == cleaned


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        # Persian: where letters would join. Between د and ر they do not.
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("نوری\u200c\u200cزاده", "نوری\u200cزاده"),
        ("محمد\u200cرضا", "محمدرضا"),
        ("می\u064b\u200c\u064bر", "می\u064b\u200c\u064bر"),
        ("رضا\u200c", "رضا"),
        ("\u200cرضا \u200c علی", "رضا علی"),
        # Sinhala, Devanagari, Malayalam: after a virama. Bengali: before one, too.
        ("ශ්\u200dරී", "ශ්\u200dරී"),
        ("ක්\u200dෂ", "ක්\u200dෂ"),
        ("क्\u200cष", "क्\u200cष"),
        ("അനില്\u200d", "അനില്\u200d"),
        ("র\u200d্যাচেল", "র\u200d্যাচেল"),
        ("र\u094d\u200d\u200d\u200cय", "र\u094d\u200dय"),
        # Mongolian and characters of Chinese: one selector to a letter.
        ("ᠨ\u180bᠠ\u180b\u180c", "ᠨ\u180bᠠ\u180b"),
        ("ᠨ\u180eᠠ\u180e", "ᠨ\u180eᠠ"),
        ("葛\U000e0100\U000e0101城\ufe00", "葛\U000e0100城\ufe00"),
        # And nowhere else: nobody can hide anything in a name by them, or make two different names that look the same.
        ("Ан\u200cна К\u200dот\ufe0f", "Анна Кот"),
        ("a\U000e0100b\u180bc\u180e", "abc"),
        ("e\u200d\u0308", "ë"),
        ("ی" + "\u064b" * 4 + "\u200c" + "\u064b" * 4 + "ر", "ی" + "\u064b" * 4 + "\u200cر"),
        ("👩\u200d👧", "👩👧"),
        ("\u200c\u200d \u180e", ""),
    ],
)
def test_joiners_and_selectors_stay_only_where_letters_need_them(typed: str, cleaned: str) -> None:
    assert clean_text(typed) == cleaned
    assert clean_text(cleaned) == cleaned


@settings(max_examples=500)
@given(st.text(st.sampled_from(BESIDE + SHAPING), max_size=14))
@example("\u1820\u180b\u200c\u0622")
def test_cleaning_is_idempotent_with_any_joiners(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == " ".join(cleaned.split())
    # A selector may stand before a joiner: it shapes one letter, and the joiner the one after.
    assert re.search(f"[{JOINERS}]{{2}}", cleaned) is None


@given(st.text(alphabet=st.characters(categories=["L", "Nd", "P", "S"])))
def test_no_visible_character_is_lost(text: str) -> None:
    assert clean_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", ["a", "Ё", "李", "1a", "م", "ـمـ", "გ", "ǅ"])
def test_a_letter_makes_a_name(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["", "123", "...", "-'’", "💥", "ـــ", "ʼʼ", "ーー"])
def test_a_text_without_letters_is_no_name(text: str) -> None:
    assert not is_name(text)
