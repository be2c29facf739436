"""Days as people and other services write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache

from babel.dates import get_month_names

from signatures.languages import Language

CENTURY = 2000
TWO_DIGITS = 100
# Nothing was signed on the web before.
FIRST_YEAR = 1990
WRITTEN_LENGTH_MAX = 80
TIME = r"(?:(?:[\sT,]|\bat\b|\bв\b|\bо\b|\bг\.?\b)*\d{1,2}:\d{2}.*)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})[-./](\d{{1,2}})[-./](\d{{1,2}}){TIME}", re.DOTALL)
NUMBERS = re.compile(rf"(\d{{1,2}})([-./])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){TIME}", re.DOTALL)
DAY_FIRST = re.compile(
    rf"(?:\w+,\s*)?(\d{{1,2}})\.?\s+([^\W\d]+)\.?,?\s+(\d{{4}})\W*(?:г|года|год)?\.?{TIME}", re.DOTALL
)
MONTH_FIRST = re.compile(rf"(?:\w+,\s*)?([^\W\d]+)\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}){TIME}", re.DOTALL)
# With a zone, the day may be another one in UTC.
INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*(Z|UTC|[+-]\d{2}:?\d{2})", re.IGNORECASE
)


def day_of(written: str, *, month_first: bool) -> date | None:
    """Return the day that somebody wrote, in UTC where a zone stands with it, or None if it is none.

    :param month_first: whether 03/04/2025 is in March
    """
    text = written.strip()
    if len(text) > WRITTEN_LENGTH_MAX:
        return None
    try:
        return _instant(text) or _numbers(text, month_first=month_first) or _words(text.casefold())
    except ValueError:
        return None


def _instant(text: str) -> date | None:
    found = INSTANT.fullmatch(text)
    if found is None:
        return None
    zone = "+00:00" if found[3].upper() in {"Z", "UTC"} else found[3]
    return _checked(datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}").astimezone(UTC).date())


def _numbers(text: str, *, month_first: bool) -> date | None:
    if found := YEAR_FIRST.fullmatch(text):
        return _checked(date(int(found[1]), int(found[2]), int(found[3])))
    found = NUMBERS.fullmatch(text)
    if found is None:
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    # Nobody writes the month first with full stops.
    month, day = (first, second) if month_first and found[2] != "." else (second, first)
    return _checked(date(year + CENTURY if year < TWO_DIGITS else year, month, day))


def _words(text: str) -> date | None:
    if found := DAY_FIRST.fullmatch(text):
        day, word, year = found[1], found[2], found[3]
    elif found := MONTH_FIRST.fullmatch(text):
        word, day, year = found[1], found[2], found[3]
    else:
        return None
    month = _months().get(word.rstrip("."))
    return _checked(date(int(year), month, int(day))) if month else None


def _checked(day: date) -> date | None:
    return day if day.year >= FIRST_YEAR else None


@cache
def _months() -> dict[str, int]:
    """Return the numbers of the months by their names in every language of the site."""
    return {
        name.casefold().rstrip("."): number
        for language in Language.values
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, language).items()
    }
