"""Extracts all texts of a page, and finds remnants of other languages in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import django

from tests.translations import ROOT, read_catalogue

# Letters of the Russian alphabet that Belarusian lacks.
RUSSIAN = re.compile("[ищъ]", re.IGNORECASE)
# The Belarusian spelling of before 1933 softens consonants before soft ones.
OLD_SPELLING = re.compile("сь[вклнп]|зь[бвдлмн]|цьв|ньн|льл|ґ|\\bня\\b|\\bбяз\\b|бачын[ауы]|пляцоў", re.IGNORECASE)
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]*>|&\w+;|[“”]")
SPOKEN = ("title", "aria-label", "placeholder", "alt")
SILENT = {"script", "style"}
# Parts of Django whose texts the admin shows.
OF_DJANGO = ("conf", "contrib/admin", "contrib/auth")
WORDS_MIN = 3
VALUES = {"True", "False", "None"}


class Reader(HTMLParser):
    """Collects the texts of a page, and those of attributes that screen readers read out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record attributes, and the value of a button."""
        self.open.append(tag)
        values = dict(attrs)
        spoken = [*SPOKEN, *(["value"] if values.get("type") in {"submit", "button"} else [])]
        self.said += [values.get(name) or "" for name in spoken]

    def handle_endtag(self, tag: str) -> None:
        """Drop the element that ends."""
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Record a text."""
        if not (self.open and self.open[-1] in SILENT):
            self.said.append(data)


def texts_of(page: str) -> list[str]:
    """Return each text of a page with normalised whitespace."""
    return [text for text in (folded(part) for part in Reader(page).said) if text]


def folded(text: str) -> str:
    """Return a text with normalised whitespace."""
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


@cache
def sources() -> frozenset[str]:
    """Return every English text of our catalogues and of those parts of Django that the admin shows."""
    django_root = Path(django.__file__).parent
    places = [ROOT / "locale", *(django_root / part / "locale" for part in OF_DJANGO)]
    paths = [path for place in places for path in (place / "en" / "LC_MESSAGES").glob("django.po")]
    return frozenset(text for path in paths for text in _sources_in(path))


def _sources_in(path: Path) -> Iterator[str]:
    for entry in read_catalogue(path):
        yield from filter(None, (entry.words.get("msgid"), entry.words.get("msgid_plural")))


@cache
def english() -> re.Pattern[str]:
    """Return a pattern for any part of an English sentence of the catalogues between placeholders."""
    pieces = {folded(piece) for text in sources() for piece in PLACE.split(text)}
    long = {piece for piece in pieces if len(re.findall("[A-Za-z]{2,}", piece)) >= WORDS_MIN}
    return re.compile("|".join(map(re.escape, sorted(long, key=len, reverse=True))))


def foreign_texts(page: str, known: Collection[str] = ()) -> list[str]:
    """Return the texts of a Belarusian page that are in Russian, in English, or in the spelling of before 1933.

    :param known: texts that are allowed in any language
    """
    return [text for text in texts_of(page) if text not in known and _is_foreign(text)]


def english_texts(page: str, known: Collection[str] = ()) -> list[str]:
    """Return the texts of a page in another language that are in English, or are what Python calls a value.

    :param known: texts that are allowed in any language
    """
    return [text for text in texts_of(page) if text not in known and (_is_english(text) or text in VALUES)]


def _is_foreign(text: str) -> bool:
    return bool(_is_english(text) or text in VALUES or RUSSIAN.search(text) or OLD_SPELLING.search(text))


def _is_english(text: str) -> bool:
    return bool((text in sources() and re.search("[a-z]{3}", text)) or english().search(text))
