"""Removes invisible characters from a text: soft hyphens, direction marks, control characters of word processors."""

from __future__ import annotations

import re
import unicodedata

from signatures.homoglyphs import FILLERS

# Line ends as Word, the web and Unicode spell them, and ends of pages and paragraphs.
LINE_ENDS = re.compile("\r\n|[\r\x0b\x85\u2028]")
PARAGRAPH_ENDS = re.compile("[\x0c\x1c\x1d\u2029]")
# Control characters of Word: the end of a cell, and the non-breaking hyphen.
WORD = str.maketrans({"\x07": "\t", "\x1e": "-"})
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
ZWNJ, ZWJ = "\u200c", "\u200d"
# Number signs of Arabic, Syriac and Kaithi are visible, though their category is "format".
DRAWN = {0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x600, 0x606)}
# Other planes hold ideographs, or characters of private use: each start of a process would look at a million of them.
PLANES = (range(0x20000), range(0xE0000, 0xE1000))
FORMATS = "".join(
    chr(code) for plane in PLANES for code in plane if unicodedata.category(chr(code)) == "Cf" and code not in DRAWN
)
INVISIBLE = re.compile("[" + re.escape("".join(set(FORMATS + FILLERS) - {ZWNJ, ZWJ})) + "]")
# Latin, Greek, Cyrillic and Armenian letters, and punctuation, need no joiner.
SCRIPTS_WITH_JOINERS = "[\u0590-\u1dff\u2190-\U0010ffff]"
IDLE_JOINERS = re.compile(f"(?<!{SCRIPTS_WITH_JOINERS})[{ZWNJ}{ZWJ}]+|[{ZWNJ}{ZWJ}]+(?!{SCRIPTS_WITH_JOINERS})")
JOINERS_IN_A_ROW = re.compile(f"([{ZWNJ}{ZWJ}])[{ZWNJ}{ZWJ}]+")
BLANKS = re.compile("[ \t\n]+")


def visible_text(text: str) -> str:
    """Return the text with LF line ends and without invisible characters, except joiners where a script needs them."""
    text = PARAGRAPH_ENDS.sub("\n\n", LINE_ENDS.sub("\n", text)).translate(WORD)
    seen = INVISIBLE.sub("", CONTROLS.sub("", text))
    return IDLE_JOINERS.sub("", JOINERS_IN_A_ROW.sub(r"\1", seen))


def in_one_line(text: str) -> str:
    """Return the text in one line without invisible characters; no-break spaces stay."""
    return BLANKS.sub(" ", visible_text(text)).strip()
