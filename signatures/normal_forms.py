"""The one way to bring text into a normal form of Unicode: lint refuses every other use of unicodedata.normalize."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal

# As many as the Stream-Safe Text Format allows (UAX #15): more than any script puts on one letter. Normalising sorts
# each run of marks, which takes the square of its length, and Python does nothing else meanwhile.
MARKS_IN_A_ROW_MAX = 30
CHARACTERS_REMEMBERED = 4096


def normal_form(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """Return the text in a normal form, in a time that grows with its length alone: longer runs of marks are cut."""
    return unicodedata.normalize(form, without_long_runs(text))


def without_long_runs(text: str) -> str:
    """Return the text without the marks that follow more than MARKS_IN_A_ROW_MAX others, counted fully decomposed."""
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
    """Return whether a character has more than marks in it, and how many marks it ends with.

    Some characters without a combining class are made of marks that have one, such as U+0F73.
    """
    parts = unicodedata.normalize("NFKD", character)
    marks = 0
    for part in reversed(parts):
        if not unicodedata.combining(part):
            return True, marks
        marks += 1
    return False, marks
