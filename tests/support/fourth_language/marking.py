"""Marks the texts of the pseudo-language, and finds unmarked text on a page."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Letters that all fonts of the site have; one for one, so that texts don't get longer.
MARKS = str.maketrans(
    "acdeghijklnorstuwyzACDEGHIJKLNORSTUWYZ",
    "áçďéğĥíĵķĺñóŕšťúŵýžÁÇĎÉĞĤÍĴĶĹÑÓŔŠŤÚŴÝŽ",
)
# Placeholders, tags, entities, and machine-readable parts.
KEPT = re.compile(r"(%\(\w+\)[a-z]|%[sd%]|\{\w*\}|<[^<>]+>|&#?\w+;|https?://\S+|\S+@\S+)")
WORD = re.compile(r"[^\W\d_]+")
CYRILLIC = re.compile("[Ѐ-ӿ]")
# Patterns for what is the same in every language.
SAME_EVERYWHERE = re.compile(
    r"https?://\S+|\bUTC\b|[\w.-]+@[\w.-]+|\b[0-9a-f]{64}\b|watermark_\w+"
    r"|\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b|\b[\w-]+(?:\.\w\w)?\.(?:csv|json|pdf|pem|sig|txt|xlsx)\b"
)


def mark(text: str) -> str:
    """Translate a text into the pseudo-language: accents on nearly all letters, the rest unchanged."""
    return "".join(part if KEPT.fullmatch(part) else part.translate(MARKS) for part in KEPT.split(text))


def unmarked(text: str, data: Iterable[str] = ()) -> list[str]:
    """Return the words of a text that are neither in the pseudo-language nor data.

    :param data: names and other values that are the same in all languages
    """
    text = SAME_EVERYWHERE.sub(" ", text)
    # Longest first, since a shorter one may be part of a longer one.
    for value in sorted(data, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", " ", text)
    return [word for word in WORD.findall(text) if word.translate(MARKS) != word or CYRILLIC.search(word)]
