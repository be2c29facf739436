"""Cleans names and other short texts of any script before they are stored, shown or searched for."""

from __future__ import annotations

import re
import unicodedata

import idna

from signatures.homoglyphs import FILLERS, SELECTORS
from signatures.normal_forms import normal_form

# Control, format (including bidi marks), surrogate, private use and unassigned characters do not belong in a name.
REMOVED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
BLANK_CONTROLS = "\t\n\v\f\r\x85"
INVISIBLE = re.compile(f"[{FILLERS}]")
# These are invisible, too, but change the letters next to them: a non-joiner separates Persian letters, a joiner
# connects Sinhala ones, a separator and selectors give Mongolian letters and Chinese characters the shape that the
# bearers of a name use. They are kept where they have such an effect, and nowhere else.
NON_JOINER, JOINER, MONGOLIAN_SEPARATOR = "\u200c\u200d\u180e"
JOINERS = NON_JOINER + JOINER
SHAPING = re.compile(f"[{JOINERS}{SELECTORS}]")
REPEATED_JOINERS = re.compile(f"([{JOINERS}])[{JOINERS}]+")
MONGOLIAN = "\u1820-\u1878\u1880-\u18aa"
HAN = "\u3400-\u4dbf\u4e00-\u9fff\ufa0e-\ufa29\U00020000-\U000323af"
SHAPED = re.compile(
    f"(?<=[{MONGOLIAN}])(?:[\u180b-\u180d\u180f]|\u180e(?=[{MONGOLIAN}]))|(?<=[{HAN}])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
)
VIRAMA = 9  # its canonical combining class
# No script stacks more marks than this on one letter; longer stacks are meant to cover neighbouring lines.
MARKS_MAX = 4
# The letters that a joiner affects are no farther from it than this: only marks can be between them.
JOINER_REACH = 2 * MARKS_MAX
# With so few marks on a letter, characters without effect are gone after this many rounds. From a text crafted so that
# each round removes only one, all are removed.
ROUNDS_MAX = 2 * MARKS_MAX


def clean_text(text: str) -> str:
    """Return the text in NFC on one line, without invisible characters, its whitespace collapsed to single spaces.

    Visible characters stay as typed, such as hyphens, apostrophes and dots of all kinds. Similar ones are unified only
    for searching and sorting names (``signatures_folded`` in the database).
    """
    visible = (
        " " if c.isspace() or c in BLANK_CONTROLS else c
        for c in INVISIBLE.sub("", normal_form("NFC", text))
        if c in BLANK_CONTROLS or unicodedata.category(c) not in REMOVED_CATEGORIES or SHAPING.match(c)
    )
    shaped = without_needless_shaping(_without_stacks("".join(visible)))
    return normal_form("NFC", " ".join(shaped.split()))


def without_needless_shaping(text: str) -> str:
    """Return the text without joiners and selectors that have no effect on the letters next to them."""
    for _ in range(ROUNDS_MAX):
        if not SHAPING.search(text):
            return text
        text = REPEATED_JOINERS.sub(r"\1", text)
        kept = SHAPING.sub(lambda found: found[0] if _is_needed(found.string, found.start()) else "", text)
        kept = normal_form("NFC", kept)
        if kept == text:
            return text
        # The removed ones may have separated others from the letters that now precede or follow them.
        text = kept
    return normal_form("NFC", SHAPING.sub("", text))


def _is_needed(text: str, place: int) -> bool:
    """Return whether a joiner or selector has an effect at its position.

    Joiners go by the rules for domain names (RFC 5892, appendix A.1 and A.2). These lack the joiner before a virama,
    by which Bengali writes a ya after a ra (Unicode, chapter 12.2), so that is checked separately.
    """
    if text[place] not in JOINERS:
        return SHAPED.match(text, place) is not None
    start = max(0, place - JOINER_REACH)
    if idna.valid_contextj(text[start : place + JOINER_REACH + 1], place - start):
        return True
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    is_letter = before != "" and unicodedata.category(before) == "Lo"
    return text[place] == JOINER and is_letter and after != "" and unicodedata.combining(after) == VIRAMA


def _without_stacks(text: str) -> str:
    kept, marks = [], 0
    for c in text:
        category = unicodedata.category(c)
        if category not in {"Mn", "Me", "Cf"}:
            marks = 0
        elif not SHAPING.match(c):
            marks += 1
        if marks <= MARKS_MAX:
            kept.append(c)
    return "".join(kept)


def is_name(text: str) -> bool:
    """Return whether a cleaned text has at least one letter; modifier letters, such as apostrophes, do not count."""
    return any(unicodedata.category(c) in {"Lu", "Ll", "Lt", "Lo"} for c in text)
