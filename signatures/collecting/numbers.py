"""Numbers of sheets as they are printed, with a digit at their end by which a slip is noticed."""

from __future__ import annotations

import re

# With more digits it is no number of a sheet.
DIGITS_MAX = 10
TYPED = re.compile(r"\s*(?:№|#)?\s*([0-9]+)\s*[-–—−]?\s*([0-9])\s*")


def printed_number(number: int) -> str:
    """Return a sheet's number with its check digit, such as ``17-4``."""
    return f"{number}-{_check_digit(number)}"


def read_number(typed: str) -> int | None:
    """Return the number that somebody typed or scanned, with or without the hyphen, or None if it is none.

    One wrong digit, or two neighbours exchanged, make a number that is none (but for 0 and 9 beside each other).
    """
    found = TYPED.fullmatch(typed)
    if found is None or len(found[1]) > DIGITS_MAX:
        return None
    number = int(found[1])
    return number if number and _check_digit(number) == int(found[2]) else None


def _check_digit(number: int) -> int:
    """Return the check digit by Luhn's formula (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(str(number))):
        weighted = int(digit) * (2 - place % 2)
        total += weighted // 10 + weighted % 10
    return -total % 10
