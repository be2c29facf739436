"""Cleans names and other short texts of any script."""

from __future__ import annotations

import unicodedata

# Control, format (bidi marks among them), surrogates, private use and unassigned characters: none belongs in a name.
REMOVED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
BLANK_CONTROLS = "\t\n\v\f\r\x85"


def clean_text(text: str) -> str:
    """Return the text in NFC on one line, without invisible characters, its blanks folded to single spaces."""
    visible = (
        " " if c.isspace() or c in BLANK_CONTROLS else c
        for c in unicodedata.normalize("NFC", text)
        if c in BLANK_CONTROLS or unicodedata.category(c) not in REMOVED_CATEGORIES
    )
    return unicodedata.normalize("NFC", " ".join("".join(visible).split()))


def is_name(text: str) -> bool:
    """Return whether a cleaned text has at least one letter."""
    return any(unicodedata.category(c).startswith("L") for c in text)
