"""Reads the numbers of signatures as organisers type them."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext, ngettext

NUMBERS_MAX = 10_000
NUMBERS = re.compile(r"(\d{1,18})(?:\s*[-–—]\s*(\d{1,18}))?\s*(?:[,;\s]\s*|$)")


def parse_numbers(text: str) -> list[int]:
    """Return the numbers in a list such as "120-180, 300", in order and once each.

    :raises forms.ValidationError: if it is no such list, or has too many numbers
    """
    found: set[int] = set()
    place = 0
    text = text.strip()
    while place < len(text):
        match = NUMBERS.match(text, place)
        if match is None:
            raise forms.ValidationError(gettext("Write numbers and spans of numbers, such as 120-180, 300."))
        first = int(match[1])
        last = int(match[2] or first)
        if last - first >= NUMBERS_MAX or len(found) > NUMBERS_MAX:
            break
        found.update(range(first, last + 1))
        place = match.end()
    if place < len(text) or len(found) > NUMBERS_MAX:
        sentence = ngettext("At most %(n)s row number at once.", "At most %(n)s row numbers at once.", NUMBERS_MAX)
        raise forms.ValidationError(sentence % {"n": NUMBERS_MAX})
    return sorted(found)
