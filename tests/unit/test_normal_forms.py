"""Normal forms leave the text of all scripts unchanged, and take linear time."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signatures.normal_forms import MARKS_IN_A_ROW_MAX, normal_form, without_long_runs
from tests.support.processor_time import seconds_of

FORMS: tuple[Literal["NFC", "NFD", "NFKC"], ...] = ("NFC", "NFD", "NFKC")
LENGTH = 40_000
# U+0F73 has no combining class, but decomposes to two marks that have; so does U+FF9E in the compatibility forms.
RUNS = ["\u0301\u0323", "\u0323\u0301", "\u0344\u0327", "\u0f73", "\u0f73\u0f71", "\u0301\uff9e", "\u302e\u0334"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("run", RUNS)
def test_a_run_of_marks_takes_no_longer_than_letters_do(form: Literal["NFC", "NFD", "NFKC"], run: str) -> None:
    half = LENGTH // 2
    hostile = "a" + run[0] * half + run[-1] * half
    mixed = "a" + run * half
    letters = seconds_of(lambda: normal_form(form, "ё" * LENGTH))
    assert seconds_of(lambda: normal_form(form, hostile)) < 4 * letters
    assert seconds_of(lambda: normal_form(form, mixed)) < 4 * letters


@given(st.text())
@example("Nguyễn Ёлкин בְּרֵאשִׁית কি हिन्दी")
@example("ཧཱུྃ o" + "\u0336" * MARKS_IN_A_ROW_MAX)
def test_normal_text_is_normalised_as_by_the_standard(text: str) -> None:
    for form in FORMS:
        assert normal_form(form, text) == unicodedata.normalize(form, text)


@given(st.text(alphabet="aё\u0301\u0323\u0344\u0f73\u0958\u302e\u0f71\u0327", min_size=20, max_size=200))
@example("\u0958" + "\u0301" * 40)
@example("\u0344" * 40)
def test_normalising_is_idempotent(text: str) -> None:
    for form in FORMS:
        normal = normal_form(form, text)
        assert normal_form(form, normal) == normal
        assert unicodedata.normalize(form, normal) == normal


def test_marks_after_the_thirtieth_of_a_letter_are_cut() -> None:
    full = "\u0336" * MARKS_IN_A_ROW_MAX
    assert without_long_runs(f"a{full}\u0336b{full}") == f"a{full}b{full}"
