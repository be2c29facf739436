"""Sets the items of lists in as far as Markdown wants it, whatever a word processor set them in by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ITEM = re.compile(r"(?P<sign>[-*+]|[0-9]{1,9}[.)])\s+")
TAB_COLUMNS = 4


@dataclass(frozen=True)
class Level:
    """How far the items of one level are set in.

    :param typed: columns before their signs, as they were typed
    :param written: columns before their signs, as Markdown is given them
    :param words: columns before their words, as Markdown is given them
    """

    typed: int
    written: int
    words: int


def with_levels(lines: list[str]) -> Iterator[str]:
    """Yield the lines; an item that is set in further than the one above is below it, however far that is."""
    levels: list[Level] = []
    follows_blank = True
    for line in lines:
        columns, words = _columns(line), line.lstrip()
        if not words:
            follows_blank = True
            yield line
            continue
        if item := ITEM.match(words):
            levels = _levels_of(columns, len(item.group()), levels)
            yield " " * levels[-1].written + words
        elif columns and any(level.typed < columns for level in levels):
            inside = [level for level in levels if level.typed < columns][-1]
            yield " " * inside.words + words
        else:
            levels = [] if follows_blank or columns else levels
            yield line
        follows_blank = False


def _levels_of(columns: int, sign: int, levels: list[Level]) -> list[Level]:
    """Return the levels down to that of an item.

    :param sign: columns that its sign and the blanks behind it take
    """
    above = [level for level in levels if level.typed + 1 < columns]
    written = above[-1].words if above else 0
    return [*above, Level(columns, written, written + sign)]


def _columns(line: str) -> int:
    expanded = line.expandtabs(TAB_COLUMNS)
    return len(expanded) - len(expanded.lstrip())
