"""Marks the texts of the pseudo-language, and finds what is on a page without the mark."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Letters that every font of the site has; one for one, so that no field gets too long.
MARKS = str.maketrans(
    "acdeghijklnorstuwyzACDEGHIJKLNORSTUWYZ",
    "áçďéğĥíĵķĺñóŕšťúŵýžÁÇĎÉĞĤÍĴĶĹÑÓŔŠŤÚŴÝŽ",
)
# Places for values, tags, entities, and what programs read.
KEPT = re.compile(r"(%\(\w+\)[a-z]|%[sd%]|\{\w*\}|<[^<>]+>|&#?\w+;|https?://\S+|\S+@\S+)")
WORD = re.compile(r"[^\W\d_]+")
CYRILLIC = re.compile("[Ѐ-ӿ]")
# What is the same in every language, whatever stands in it.
SAME_EVERYWHERE = re.compile(
    r"https?://\S+|\bUTC\b|[\w.-]+@[\w.-]+|\b[0-9a-f]{64}\b|watermark_\w+"
    r"|\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b|\b[\w-]+(?:\.\w\w)?\.(?:csv|json|pdf|pem|sig|txt|xlsx)\b"
)


def mark(text: str) -> str:
    """Return a text in the pseudo-language: accents on nearly all letters, the rest as it was."""
    return "".join(part if KEPT.fullmatch(part) else part.translate(MARKS) for part in KEPT.split(text))


def unmarked(text: str, data: Iterable[str] = ()) -> list[str]:
    """Return the words of a text that belong neither to the pseudo-language nor to the data.

    :param data: names and the like, which no language changes
    """
    text = SAME_EVERYWHERE.sub(" ", text)
    # The longest first: a shorter one may be part of it.
    for value in sorted(data, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", " ", text)
    return [word for word in WORD.findall(text) if word.translate(MARKS) != word or CYRILLIC.search(word)]
