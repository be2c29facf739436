"""The fonts of documents and pictures, and which letters they have; fonts of the machine are never used."""

from __future__ import annotations

import struct
import unicodedata
from bisect import bisect_right
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "fonts"
SERIF_BOLD, SANS, SANS_BOLD = "PTF75F.ttf", "PTS55F.ttf", "PTS75F.ttf"
SCRIPTS = (
    "Bengali",
    "Devanagari",
    "Ethiopic",
    "Gujarati",
    "Gurmukhi",
    "Kannada",
    "Khmer",
    "Malayalam",
    "Myanmar",
    "Oriya",
    "Sinhala",
    "Tamil",
    "Telugu",
    "Thaana",
    "Thai",
)
# Searched in this order for letters that the usual font lacks; fonts.typ of the PDF writer has the same list.
FALLBACKS = (
    "DejaVuSans.ttf",
    *(f"NotoSans{script}-Regular.ttf" for script in SCRIPTS),
    "wqy-microhei.ttc",
    "NotoEmoji-Regular.ttf",
)
LETTERS_REMEMBERED = 8192
# The two formats of a font's character map that all current fonts have (OpenType, cmap).
SEGMENTS, GROUPS = 4, 12
# What needs no glyph: blanks, joiners and variation selectors.
CHOOSING = "VARIATION SELECTOR"
WITHOUT_PICTURE = {"Cf", "Cc", "Zs", "Zl", "Zp"}
# Noncharacters, and marks that combine with a letter.
NOT_ALONE = {"Cn", "Co", "Cs", "Mn", "Mc", "Me"}


@lru_cache(LETTERS_REMEMBERED)
def font_with(letter: str, usual: str) -> str | None:
    """Return the file of the first font that has a letter, trying the usual one first, or None if none has it."""
    return next((name for name in (usual, *FALLBACKS) if _has(name, ord(letter))), None)


def letters_without_font(text: str) -> list[str]:
    """Return the distinct characters of a text that documents and pictures can only print as a box."""
    return [letter for letter in dict.fromkeys(text) if _is_a_box(letter)]


def shown_as(letter: str) -> str:
    """Return a letter's description for a sentence, with its code point, since a screen may lack the glyph too."""
    code = f"U+{ord(letter):04X}"
    return code if unicodedata.category(letter) in NOT_ALONE else f"{letter} ({code})"


def needs_picture(letter: str) -> bool:
    """Return whether a character is visible; blanks, joiners and variation selectors are not."""
    return unicodedata.category(letter) not in WITHOUT_PICTURE and not unicodedata.name(letter, "").startswith(CHOOSING)


@lru_cache(LETTERS_REMEMBERED)
def _is_a_box(letter: str) -> bool:
    return needs_picture(letter) and font_with(letter, SANS) is None


def _has(name: str, code: int) -> bool:
    starts, ends = _letters(name)
    place = bisect_right(starts, code) - 1
    return place >= 0 and code <= ends[place]


@cache
def _letters(name: str) -> tuple[list[int], list[int]]:
    """Return the first and last code points of each run of letters that a font has."""
    data = (FOLDER / name).read_bytes()
    (start,) = struct.unpack_from(">I", data, 12) if data[:4] == b"ttcf" else (0,)
    (tables,) = struct.unpack_from(">H", data, start + 4)
    cmap = next(
        offset
        for tag, _, offset, _ in (struct.unpack_from(">4sIII", data, start + 12 + 16 * n) for n in range(tables))
        if tag == b"cmap"
    )
    (amount,) = struct.unpack_from(">H", data, cmap + 2)
    codes: set[int] = set()
    for number in range(amount):
        (offset,) = struct.unpack_from(">I", data, cmap + 4 + 8 * number + 4)
        (form,) = struct.unpack_from(">H", data, cmap + offset)
        if form == GROUPS:
            codes |= _in_groups(data, cmap + offset)
        elif form == SEGMENTS:
            codes |= _in_segments(data, cmap + offset)
    ordered = sorted(codes)
    breaks = [(last, first) for last, first in pairwise(ordered) if first != last + 1]
    return [ordered[0], *(first for _, first in breaks)], [*(last for last, _ in breaks), ordered[-1]]


def _in_groups(data: bytes, at: int) -> set[int]:
    (amount,) = struct.unpack_from(">I", data, at + 12)
    groups = (struct.unpack_from(">III", data, at + 16 + 12 * number) for number in range(amount))
    return {code for first, last, glyph in groups for code in range(first, last + 1) if glyph + code - first}


def _in_segments(data: bytes, at: int) -> set[int]:
    doubled = struct.unpack_from(">H", data, at + 6)[0]
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{doubled // 2}H", data, at + 14 + part * doubled + (2 if part else 0))
        for part in range(4)
    )
    codes = set()
    for number, (first, last) in enumerate(zip(starts, ends, strict=True)):
        place = at + 16 + 3 * doubled + 2 * number + offsets[number]
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = struct.unpack_from(">H", data, place + 2 * (code - first))[0] if offsets[number] else code
            if glyph and (glyph + deltas[number]) % 0x10000:
                codes.add(code)
    return codes
