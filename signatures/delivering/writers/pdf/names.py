"""The list of names, as document.typ reads it."""

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

# A run of letters without a blank may be broken after so many, if it would not fit into a line.
UNBROKEN_CHARACTERS = 40
BREAK_CHARACTERS = 16
# A longer name may fill more than one line; so many of the widest letters fill one.
LINE_CHARACTERS = 100
WIDE_CHARACTERS = 40
# How many letters that no font has are told by their numbers behind a name.
UNKNOWN_LETTERS_MAX = 5
REPLACEMENT = "\ufffd"
REPLACED_CATEGORIES = {"Cc", "Cs", "Co", "Cn"}
CITY_CHARACTERS = 30
NO_BREAK_SPACE = "\xa0"
# The measures of document.typ in points: a line between the margins of A4, a digit and the gap after a number.
TYPE_SIZE = 9
LINE_WIDTH = (210 - 25 - 20) / 25.4 * 72
DIGIT_WIDTH = 0.545 * TYPE_SIZE
GAP_WIDTH = 0.9 * TYPE_SIZE
# Widths of letters are measured large, since fonts round what is small.
MEASURED_SIZE = 900


def names_content(words: NameWords, names: Sequence[Row]) -> dict[str, Any]:
    """Return the lines and the words over them.

    :param names: rows with number, name, country, signed_on and text_version, those with latin and city as they have it
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
    """Return how many lines of the document a name may fill."""
    characters = sum(len(str(name.get(key) or "")) for key in ("name", "latin", "country", "city"))
    return 1 if characters <= LINE_CHARACTERS else math.ceil(characters / WIDE_CHARACTERS)


def visible(text: str) -> str:
    """Return the text without invisible signs but for those that letters need, a replacement for what is no character.

    Signs that turn the direction of writing would turn the rest of the line.
    """
    kept = (c for c in without_needless_shaping(text) if unicodedata.category(c) != "Cf" or SHAPING.match(c))
    return "".join(
        " " if c.isspace() else REPLACEMENT if unicodedata.category(c) in REPLACED_CATEGORIES else c for c in kept
    )


def _line(name: Row, digits: int, day_format: str) -> list[Any]:
    """Return a line: blanks for missing digits, number, name in pieces, the rest, whether that has its own line."""
    number = str(name["number"])
    shown = visible(str(name["name"]))
    latin = visible(str(name.get("latin") or ""))
    if latin and latin != shown:
        shown = f"{shown} / {latin}"
    if unknown := letters_without_font(shown):
        # Those are printed as boxes, which nobody could tell apart.
        shown = f"{shown} ({' '.join(f'U+{ord(letter):04X}' for letter in unknown[:UNKNOWN_LETTERS_MAX])})"
    day = f"{name['signed_on']:{day_format}}"
    city = visible(str(name.get("city") or ""))
    if len(city) > CITY_CHARACTERS:
        # What stands at the end of a line is never broken.
        shown, city = f"{shown}, {city}", ""
    where = ", ".join(place for place in (visible(str(name["country"])), city) if place)
    rest = f"{where} · {day} · {name['text_version']}".replace(" ", NO_BREAK_SPACE)
    own_line = (digits * DIGIT_WIDTH + 2 * GAP_WIDTH) + _width(shown) + _width(rest) > LINE_WIDTH
    return [digits - len(number), number, _pieces(shown), rest, own_line]


def _width(text: str) -> float:
    """Return at least how wide a text is set, in points; letters that stand closer together are not reckoned with."""
    return sum(map(_letter_width, text))


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FOLDER / name, MEASURED_SIZE, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _letter_width(letter: str) -> float:
    # What no font has is printed as a box, and that of the usual font is not narrower than others.
    return _font(font_with(letter, SANS) or SANS).getlength(letter) * TYPE_SIZE / MEASURED_SIZE


def _pieces(text: str) -> list[str]:
    """Return the text cut where a line may break in words that are too long for one."""
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
