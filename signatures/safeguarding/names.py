"""Cleans names and other short texts of any script."""

from __future__ import annotations

import re
import unicodedata

from signatures.normal_forms import normal_form

# Control, format (bidi marks among them), surrogates, private use and unassigned characters: none belongs in a name.
REMOVED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
BLANK_CONTROLS = "\t\n\v\f\r\x85"
# Letters and marks by category of which nothing is seen (Default_Ignorable_Code_Point, Unicode 16): the grapheme
# joiner, fillers of Hangul, inherent vowels of Khmer, separators of Mongolian, variation selectors.
INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
# More marks than any script stacks on one letter are there to cover the lines around it.
MARKS_MAX = 4


def clean_text(text: str) -> str:
    """Return the text in NFC on one line, without invisible characters, its blanks folded to single spaces."""
    visible = (
        " " if c.isspace() or c in BLANK_CONTROLS else c
        for c in INVISIBLE.sub("", normal_form("NFC", text))
        if c in BLANK_CONTROLS or unicodedata.category(c) not in REMOVED_CATEGORIES
    )
    return normal_form("NFC", _without_stacks(" ".join("".join(visible).split())))


def _without_stacks(text: str) -> str:
    kept, marks = [], 0
    for c in text:
        marks = marks + 1 if unicodedata.category(c) in {"Mn", "Me"} else 0
        if marks <= MARKS_MAX:
            kept.append(c)
    return "".join(kept)


def is_name(text: str) -> bool:
    """Return whether a cleaned text has at least one letter."""
    return any(unicodedata.category(c).startswith("L") for c in text)
