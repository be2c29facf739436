"""Takes out of a text what nobody sees: soft hyphens, marks of direction, what only a word processor reads."""

from __future__ import annotations

import re
import sys
import unicodedata

from signatures.homoglyphs import FILLERS

# Ends of lines as Word, the web and Unicode spell them, and ends of pages and paragraphs.
LINE_ENDS = re.compile("\r\n|[\r\x0b\x85\u2028]")
PARAGRAPH_ENDS = re.compile("[\x0c\x1c\x1d\u2029]")
# What Word keeps as a control character: the end of a cell, and a hyphen at which no line ends.
WORD = str.maketrans({"\x07": "\t", "\x1e": "-"})
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
ZWNJ, ZWJ = "\u200c", "\u200d"
# The signs of Arabic, Syriac and Kaithi numbers are drawn, though they are called format characters.
DRAWN = {0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x600, 0x606)}
FORMATS = "".join(
    chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf" and code not in DRAWN
)
INVISIBLE = re.compile("[" + re.escape("".join(set(FORMATS + FILLERS) - {ZWNJ, ZWJ})) + "]")
# Latin, Greek, Cyrillic and Armenian letters, and signs between words, need no joiner.
SCRIPTS_WITH_JOINERS = "[\u0590-\u1dff\u2190-\U0010ffff]"
IDLE_JOINERS = re.compile(f"(?<!{SCRIPTS_WITH_JOINERS})[{ZWNJ}{ZWJ}]+|[{ZWNJ}{ZWJ}]+(?!{SCRIPTS_WITH_JOINERS})")
JOINERS_IN_A_ROW = re.compile(f"([{ZWNJ}{ZWJ}])[{ZWNJ}{ZWJ}]+")
BLANKS = re.compile("[ \t\n]+")


def without_invisible(text: str) -> str:
    """Return the text with plain line ends and without what nobody sees; joiners stay where a script needs them."""
    text = PARAGRAPH_ENDS.sub("\n\n", LINE_ENDS.sub("\n", text)).translate(WORD)
    seen = INVISIBLE.sub("", CONTROLS.sub("", text))
    return IDLE_JOINERS.sub("", JOINERS_IN_A_ROW.sub(r"\1", seen))


def in_one_line(text: str) -> str:
    """Return the text without what nobody sees, in one line; no-break spaces stay."""
    return BLANKS.sub(" ", without_invisible(text)).strip()
