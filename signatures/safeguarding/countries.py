"""Countries by ISO 3166-1 alpha-2 code, named and sorted in the language in use."""

from __future__ import annotations

from functools import cache

from django.utils import translation
from django_countries import countries
from pyuca import Collator

# Where most signers live, in this order, before the alphabet begins.
FIRST = ("BY", "PL", "LT", "DE", "UA", "US", "RU")


@cache
def _collator() -> Collator:
    return Collator()


@cache
def country_names(language: str) -> dict[str, str]:
    """Return every country's name by its code, the most frequent first, the others as the language sorts them."""
    with translation.override(language):
        names = {str(code): str(name) for code, name in countries}
    others = sorted(names.keys() - set(FIRST), key=lambda code: _collator().sort_key(names[code]))
    return {code: names[code] for code in (*FIRST, *others)}
