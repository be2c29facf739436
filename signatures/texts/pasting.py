"""Converts text pasted from word processors, mails and websites into Markdown.

Works line by line and loses no word: characters that only draw a list, a heading or a rule become Markdown's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from signatures.texts.invisible import visible_text
from signatures.texts.pasted_lists import with_levels
from signatures.texts.pasted_tables import with_whole_tables

# Repetitions that may be followed by the same characters are possessive (++, *+), since backtracking would take
# quadratic time.
# HTML entities at the start of a line, or making up all of it.
BLANK_ENTITIES = re.compile(r"&(?:nbsp|ensp|emsp|thinsp|#160|#xa0);", re.IGNORECASE)
SIGN_ENTITIES = {"&bull;": "•", "&middot;": "·", "&ndash;": "–", "&mdash;": "—"}
LEADING = re.compile(r"(?:\s|&(?:nbsp|ensp|emsp|thinsp|#160|#xa0);)+", re.IGNORECASE)
LINE_OF_SIGNS = re.compile(r"([=~_*—–─━―⸺⸻•·-])(?:\s*\1){2,}")
FENCE = re.compile(r"`{3,}+\s*+(?P<info>[^`]*+)")
HEADING = re.compile(r"(?:#(?=\s)|#{2,}+)\s*+(?P<words>.*)")
HEADING_LEVEL_MAX = 6
# Characters that only mark list items; those in the private use area are Word's. Ticks and crosses carry meaning.
BULLET = re.compile(r"(?:[•·◦▪▫●○■□‣⁃∙►▶➢➤❖◆◇\uf0a7\uf0b7\uf0d8\uf076]\s*|[*+-]\s+|[o§Øü]\t)(?P<words>\S.*)")
DASH = re.compile(r"(?:[–—−‒―]\s+|-(?=[^\W\d_]|[«“„\"]))(?P<words>\S.*)")
NUMBER = re.compile(r"(?P<number>[0-9]{1,9}[.)])(?:\s+|(?=$))(?P<words>.*)")
TIGHT_NUMBER = re.compile(r"(?P<number>[0-9]{1,3}[.)])(?P<words>[^\W\d_].*)")
# A letter, a Roman number or a multi-part number: Markdown has no such lists, so they stay as typed.
LABEL = re.compile(
    r"(?:\(?[^\W\d_]\)|\([0-9]{1,3}\)|[0-9]{1,3}(?:\.[0-9]{1,3})+[.)]?|\(?[ivxlIVXL]{1,6}\)|[ivxlIVXL]{1,6}\.|[^\W\d_]\.)"
    r"(?=\s+\S)"
)
# What Markdown would mistake for markup: “+375 29 …”, “>5000 people”.
TAKEN_FOR_SIGNS = re.compile(r"(?:\+\s+|>)(?=[0-9])")
BLOCK = re.compile(r"\s*(?:[-*+](?=\s)|[>|]|#{1,6}\s|[0-9]{1,9}[.)]\s|---)")
# Longer lines were not wrapped by a mail program: each is a paragraph.
PARAGRAPH_CHARACTERS = 130
SENTENCE_END = re.compile(r"[.;:!?…,»”\"')\]]\s*$")
SHORT_CHARACTERS = 60
STRONG = "**"


def as_markdown(source: str) -> str:
    """Return pasted text as Markdown, with the same words in the same order."""
    lines = [_line(line) for line in visible_text(source).split("\n")]
    for known, rewrite in ((DASH, _bullet), (TIGHT_NUMBER, _tight_number), (LABEL, _labelled)):
        # Dashes across blank lines are dialogue rather than a list.
        lines = _rewrite_groups(lines, known, rewrite, across_blanks=known is not DASH)
    return "\n".join(with_levels(list(_separated(with_whole_tables(lines)))))


def _line(line: str) -> str:  # noqa: PLR0911 - one for each kind of line
    indent, words = _indent(line)
    if LINE_OF_SIGNS.fullmatch(words.strip()):
        return "---"
    if fence := FENCE.fullmatch(words.strip()):
        return fence["info"]
    if heading := HEADING.fullmatch(words):
        level = min(len(words) - len(words.lstrip("#")), HEADING_LEVEL_MAX)
        return f"{'#' * level} {heading['words']}"
    if TAKEN_FOR_SIGNS.match(words):
        return f"{indent}\\{words}"
    if bullet := BULLET.fullmatch(words):
        return _bullet(indent, bullet)
    if number := NUMBER.fullmatch(words):
        return f"{indent}{number['number']} {_with_strong(number['words'])}"
    return indent + _with_strong(words)


def _indent(line: str) -> tuple[str, str]:
    """Return a line's indentation as blanks and tabs only, and the rest."""
    leading = LEADING.match(line)
    end = leading.end() if leading else 0
    indent = "".join(c if c in " \t" else " " for c in BLANK_ENTITIES.sub(" ", line[:end]))
    words = line[end:]
    for entity, sign in SIGN_ENTITIES.items():
        if words.startswith(entity):
            words = sign + words.removeprefix(entity)
    return (indent, words) if words else ("", "")


def _bullet(indent: str, found: re.Match[str]) -> str:
    return f"{indent}- {_with_strong(found['words'])}"


def _tight_number(indent: str, found: re.Match[str]) -> str:
    return f"{indent}{found['number']} {found['words']}"


def _labelled(indent: str, found: re.Match[str]) -> str:
    # Not the marker used for bullets, so that it is a list of its own.
    return f"{indent}* {found.string}"


def _rewrite_groups(
    lines: list[str], known: re.Pattern[str], rewrite: Callable[[str, re.Match[str]], str], *, across_blanks: bool
) -> list[str]:
    """Rewrite lines of one kind if at least two of them are adjacent: a single marker is just part of a text."""
    found = [known.match(line.lstrip()) for line in lines]
    neighbours = [place for place, line in enumerate(lines) if line.strip() or not across_blanks]
    kept = set()
    for first, second in pairwise(neighbours):
        if found[first] and found[second]:
            kept |= {first, second}
    return [
        rewrite(line[: len(line) - len(line.lstrip())], match) if match and place in kept else line
        for place, (line, match) in enumerate(zip(lines, found, strict=True))
    ]


def _with_strong(words: str) -> str:
    """Return a line with blanks moved outside of bold text, where word processors often leave them inside."""
    parts = words.split(STRONG)
    if len(parts) % 2 == 0 or len(parts) == 1 or "***" in words:
        return words
    for place in range(1, len(parts), 2):
        inside = parts[place]
        if inside.strip():
            parts[place] = inside.strip()
            parts[place - 1] += inside[: len(inside) - len(inside.lstrip())]
            parts[place + 1] = inside[len(inside.rstrip()) :] + parts[place + 1]
    return STRONG.join(parts)


def _separated(lines: list[str]) -> Iterator[str]:
    """Yield the lines, with an empty line inserted where a paragraph or an indented list starts without one."""
    before = ""
    for line in lines:
        if before.strip() and line.strip() and _starts_block(before, line):
            yield ""
        yield line
        before = line


def _starts_block(before: str, line: str) -> bool:
    is_plain, follows_plain = not BLOCK.match(line), not BLOCK.match(before)
    if not is_plain:
        # Markdown treats indented lines as part of the same paragraph.
        return follows_plain and line.startswith((" ", "\t"))
    if follows_plain:
        return max(len(before), len(line)) > PARAGRAPH_CHARACTERS and before.count("*") % 2 == 0
    if not before.lstrip().startswith(("-", "*", "+", *"0123456789")) or line != line.lstrip():
        return False
    ends = SENTENCE_END.search(before) or not SHORT_CHARACTERS <= len(before) <= PARAGRAPH_CHARACTERS
    return bool(ends) and not line[0].islower()
