"""Prepares the list of names for document.typ."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from PIL import ImageFont

from signatures.delivering.writers.fields import Row
from signatures.delivering.writers.pdf.contents import NameWords
from signatures.safeguarding.names import SHAPING, without_needless_shaping
from signatures.texts.fonts import FOLDER, SANS, font_with, letters_without_font

# A word of at least UNBROKEN_CHARACTERS may be broken, into chunks of at least BREAK_CHARACTERS.
UNBROKEN_CHARACTERS = 40
BREAK_CHARACTERS = 16
# Texts longer than LINE_CHARACTERS may need several lines; WIDE_CHARACTERS of the widest letters fill one.
LINE_CHARACTERS = 100
WIDE_CHARACTERS = 40
# How many letters missing from all fonts are listed by code point after a name.
UNKNOWN_LETTERS_MAX = 5
REPLACEMENT = "\ufffd"
REPLACED_CATEGORIES = {"Cc", "Cs", "Co", "Cn"}
CITY_CHARACTERS = 30
NO_BREAK_SPACE = "\xa0"
# Dimensions of document.typ in points: a line between the margins of A4, a digit and the gap after a number.
TYPE_SIZE = 9
LINE_WIDTH = (210 - 25 - 20) / 25.4 * 72
DIGIT_WIDTH = 0.545 * TYPE_SIZE
GAP_WIDTH = 0.9 * TYPE_SIZE
# Letters are measured at a large size, since fonts round small widths.
MEASURED_SIZE = 900


def names_content(words: NameWords, names: Sequence[Row]) -> dict[str, Any]:
    """Return the column headings and the lines.

    :param names: rows with number, name, country, signed_on and text_version, and optionally latin and city
    """
    country = f"{words.country}, {words.city}" if any(name.get("city") for name in names) else words.country
    digits = max(len(str(name["number"])) for name in names)
    return {
        "heading": words.heading,
        "number": words.number,
        "name": words.name,
        "rest": f"{country} · {words.signed_on} · {words.text_version}",
        "digits": digits,
        "lines": [_line(name, digits, words.day_format) for name in names],
    }


def line_cost(name: Row) -> int:
    """Return an upper bound of the lines that a name fills in the document."""
    characters = sum(len(str(name.get(key) or "")) for key in ("name", "latin", "country", "city"))
    return 1 if characters <= LINE_CHARACTERS else math.ceil(characters / WIDE_CHARACTERS)


def visible(text: str) -> str:
    """Return the text without invisible characters, except joiners that letters need, and U+FFFD for noncharacters.

    Characters that change the direction of writing would affect the rest of the line.
    """
    kept = (c for c in without_needless_shaping(text) if unicodedata.category(c) != "Cf" or SHAPING.match(c))
    return "".join(
        " " if c.isspace() else REPLACEMENT if unicodedata.category(c) in REPLACED_CATEGORIES else c for c in kept
    )


def _line(name: Row, digits: int, day_format: str) -> list[Any]:
    """Return a line: padding digits, number, parts of the name, the rest, and whether the rest gets its own line."""
    number = str(name["number"])
    shown = visible(str(name["name"]))
    latin = visible(str(name.get("latin") or ""))
    if latin and latin != shown:
        shown = f"{shown} / {latin}"
    if unknown := letters_without_font(shown):
        # They are printed as boxes that all look the same.
        shown = f"{shown} ({' '.join(f'U+{ord(letter):04X}' for letter in unknown[:UNKNOWN_LETTERS_MAX])})"
    day = f"{name['signed_on']:{day_format}}"
    city = visible(str(name.get("city") or ""))
    if len(city) > CITY_CHARACTERS:
        # The end of a line is never broken.
        shown, city = f"{shown}, {city}", ""
    where = ", ".join(place for place in (visible(str(name["country"])), city) if place)
    rest = f"{where} · {day} · {name['text_version']}".replace(" ", NO_BREAK_SPACE)
    own_line = (digits * DIGIT_WIDTH + 2 * GAP_WIDTH) + _width(shown) + _width(rest) > LINE_WIDTH
    return [digits - len(number), number, _pieces(shown), rest, own_line]


def _width(text: str) -> float:
    """Return an upper bound of the width of a text in points; kerning is ignored."""
    return sum(map(_letter_width, text))


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FOLDER / name, MEASURED_SIZE, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _letter_width(letter: str) -> float:
    # A letter that no font has is printed as a box, and no font's box is wider than that of the usual one.
    return _font(font_with(letter, SANS) or SANS).getlength(letter) * TYPE_SIZE / MEASURED_SIZE


def _pieces(text: str) -> list[str]:
    """Return the text split wherever a line may break inside a word that is too long for it."""
    if len(text) < UNBROKEN_CHARACTERS:
        return [text]
    pieces: list[str] = []
    run = 0
    start = 0
    for place, character in enumerate(text):
        run = 0 if character == " " else run + 1
        if run >= UNBROKEN_CHARACTERS and (place - start) >= BREAK_CHARACTERS and not unicodedata.combining(character):
            pieces.append(text[start:place])
            start = place
    return [*pieces, text[start:]]
