"""Letters of other scripts that look like Latin ones, or lie on the same keys, and characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata

# Format characters: zero-width blanks, soft hyphens, marks of direction, byte order marks, tags. No address, code or
# link holds one that its owner knows of; they come along where text is copied.
INVISIBLE_CATEGORIES = {"Cf", "Cc"}
# Letters and marks by category of which nothing is seen (Default_Ignorable_Code_Point, Unicode 16): the grapheme
# joiner, fillers of Hangul, inherent vowels of Khmer; and signs that only choose the shape of the letter before them.
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
SELECTORS = "\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
INVISIBLE = re.compile(f"[{FILLERS}{SELECTORS}]")
# Those that most fonts draw alike; a small к, н or в looks like no small Latin letter.
CYRILLIC = str.maketrans("АВЕЅІЈКМНОРСТУХҮҺԌԚԜӀаеѕіјорсухүһԍԛԝӏ", "ABESIJKMHOPCTYXYHGQWlaesijopcyxyhgqwl")
GREEK = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχγ", "ABEZHIKMNOPTYXaikvopuxy")
TO_LATIN = CYRILLIC | GREEK | str.maketrans("ıȷɡɑ", "ijga")
# What a key types while the Russian, Belarusian or Ukrainian keyboard is on, by what it types on the English one.
KEYS_TO_LATIN = str.maketrans(
    "йцукенгшщзфывапролдячсмитьіїєўЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬІЇЄЎ",
    "qwertyuiopasdfghjklzxcvbnms]'oQWERTYUIOPASDFGHJKLZXCVBNMS]'O",
)


def without_invisible(text: str) -> str:
    """Return the text without the characters that nobody sees; blanks and line ends stay, as single blanks do."""
    blank = "".join(" " if c.isspace() else c for c in INVISIBLE.sub("", text))
    return "".join(c for c in blank if unicodedata.category(c) not in INVISIBLE_CATEGORIES)


def to_latin(text: str) -> str:
    """Return the text with what looks like a Latin letter turned into one; other letters stay as they are."""
    return text.translate(TO_LATIN)


def to_latin_by_any_case(text: str) -> str:
    """Return the text with Latin letters for small ones, too, of which only the large ones look alike, such as «м»."""
    latin = to_latin(text)
    # What has two letters for its large one, such as ß, looks like none.
    return "".join(c if c.isascii() or len(c.upper()) > 1 else to_latin(c.upper()).lower() for c in latin)


def as_on_latin_keys(text: str) -> str:
    """Return what would stand there if the keyboard had been the English one."""
    return text.translate(KEYS_TO_LATIN)


def scripts_of(text: str) -> set[str]:
    """Return the names of the alphabets that a text mixes, as its letters' own names begin: LATIN, CYRILLIC."""
    return {unicodedata.name(c, "").partition(" ")[0] for c in text if c.isalpha()}
