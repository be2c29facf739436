"""Keeps spreadsheets from running what somebody typed."""

from __future__ import annotations

import re

# What a spreadsheet would run as a formula: these signs, ASCII and all that compatibility folds into them (full-width,
# small, raised), at the start of a cell or after a character at which a spreadsheet with other separators would start a
# new cell; blanks, control and invisible characters and quotes, which it drops or strips, may stand before them. The
# match is empty: it is the place where the apostrophe goes. The database reads the same expression.
STARTS_CELL = r"(^|(?<=[,;|\t\r\n]))"
SKIPPED = r'[\s"\u0001-\u0020\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*'
SIGNS = r"=+@\-\t\r\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\ufb29\u207a\u207c\u208a\u208c\u2a75\u2a76"
FORMULA = rf"{STARTS_CELL}(?={SKIPPED}[{SIGNS}])"
ESCAPE = "'"


def formula_safe(text: str) -> str:
    """Return a text with an apostrophe wherever a spreadsheet would begin to run it."""
    return re.sub(FORMULA, ESCAPE, text)
