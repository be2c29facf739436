"""Letters of other scripts that look like Latin ones or share their keys, and invisible characters."""

from __future__ import annotations

import re
import unicodedata

# Format characters: zero-width spaces, soft hyphens, direction marks, byte order marks, tags. Nobody knowingly uses one
# in an address, code or link; they are copied along with text.
INVISIBLE_CATEGORIES = {"Cf", "Cc"}
# Invisible characters whose category is letter or mark (Default_Ignorable_Code_Point, Unicode 16): the grapheme joiner,
# Hangul fillers, inherent vowels of Khmer; and selectors, which only choose the shape of the letter before them.
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
SELECTORS = "\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
INVISIBLE = re.compile(f"[{FILLERS}{SELECTORS}]")
# Letters that look the same in most fonts; small к, н and в look like no small Latin letter.
CYRILLIC = str.maketrans("АВЕЅІЈКМНОРСТУХҮҺԌԚԜӀаеѕіјорсухүһԍԛԝӏ", "ABESIJKMHOPCTYXYHGQWlaesijopcyxyhgqwl")
GREEK = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχγ", "ABEZHIKMNOPTYXaikvopuxy")
TO_LATIN = CYRILLIC | GREEK | str.maketrans("ıȷɡɑ", "ijga")
# From the letters of the Russian, Belarusian and Ukrainian keyboards to those on the same keys of the English one.
KEYS_TO_LATIN = str.maketrans(
    "йцукенгшщзфывапролдячсмитьіїєўЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬІЇЄЎ",
    "qwertyuiopasdfghjklzxcvbnms]'oQWERTYUIOPASDFGHJKLZXCVBNMS]'O",
)


def without_any_invisible(text: str) -> str:
    """Return the text without invisible characters, joiners included, and with all whitespace as plain spaces."""
    blank = "".join(" " if c.isspace() else c for c in INVISIBLE.sub("", text))
    return "".join(c for c in blank if unicodedata.category(c) not in INVISIBLE_CATEGORIES)


def to_latin(text: str) -> str:
    """Replace letters that look like Latin ones by these; other letters stay as they are."""
    return text.translate(TO_LATIN)


def to_latin_by_any_case(text: str) -> str:
    """Do the same, and also replace small letters of which only the capital looks Latin, such as «м»."""
    latin = to_latin(text)
    # Letters such as ß, whose capital form has two letters, look like no Latin letter.
    return "".join(c if c.isascii() or len(c.upper()) > 1 else to_latin(c.upper()).lower() for c in latin)


def as_on_latin_keys(text: str) -> str:
    """Return what the same keys would have typed on the English keyboard."""
    return text.translate(KEYS_TO_LATIN)


def scripts_of(text: str) -> set[str]:
    """Return the alphabets in a text, by the first word of its letters' Unicode names: LATIN, CYRILLIC."""
    return {unicodedata.name(c, "").partition(" ")[0] for c in text if c.isalpha()}
