"""The only way to convert text to a Unicode normal form: lint forbids unicodedata.normalize everywhere else."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal

# The limit of the Stream-Safe Text Format (UAX #15), more than any script puts on one letter. Normalising sorts each
# run of marks in time quadratic in its length, and blocks all other Python threads meanwhile.
MARKS_IN_A_ROW_MAX = 30
CHARACTERS_REMEMBERED = 4096


def normal_form(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """Convert text to a normal form in linear time, after cutting runs of more than MARKS_IN_A_ROW_MAX marks."""
    return unicodedata.normalize(form, without_long_runs(text))


def without_long_runs(text: str) -> str:
    """Cut each run of marks after MARKS_IN_A_ROW_MAX of them, counted fully decomposed."""
    if text.isascii():
        return text
    kept, run = [], 0
    for character in text:
        has_letter, marks = _marks_of(character)
        run = marks if has_letter else run + marks
        if has_letter or run <= MARKS_IN_A_ROW_MAX:
            kept.append(character)
    return "".join(kept)


@lru_cache(CHARACTERS_REMEMBERED)
def _marks_of(character: str) -> tuple[bool, int]:
    """Return whether a character's decomposition contains a non-mark, and how many marks it ends with.

    Some characters without a combining class, such as U+0F73, decompose to marks that have one.
    """
    parts = unicodedata.normalize("NFKD", character)
    marks = 0
    for part in reversed(parts):
        if not unicodedata.combining(part):
            return True, marks
        marks += 1
    return False, marks
