"""Keeps spreadsheets from running typed text as a formula."""

from __future__ import annotations

import re

# What a spreadsheet would run as a formula: these signs, in ASCII or any compatibility form (full-width, small,
# raised), at the start of a cell or after a character at which a spreadsheet with other separators would start a new
# cell. Blanks, control and invisible characters and quotes may precede them, since spreadsheets drop or strip these.
# The match is empty: it is the position of the apostrophe. The database uses the same expression.
STARTS_CELL = r"(^|(?<=[,;|\t\r\n]))"
SKIPPED = r'[\s"\u0001-\u0020\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*'
SIGNS = r"=+@\-\t\r\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\ufb29\u207a\u207c\u208a\u208c\u2a75\u2a76"
FORMULA = rf"{STARTS_CELL}(?={SKIPPED}[{SIGNS}])"
ESCAPE = "'"


def formula_safe(text: str) -> str:
    """Return a text with an apostrophe inserted wherever a spreadsheet would start a formula."""
    return re.sub(FORMULA, ESCAPE, text)
