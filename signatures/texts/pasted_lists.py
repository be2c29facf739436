"""Sets the items of lists in as far as Markdown wants it, whatever a word processor set them in by."""

from __future__ import annotations

import re
from bisect import bisect_left
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
            # No more than one blank: all that is below would be set in by as many.
            sign = f"{item['sign']} "
            _go_down(levels, columns, len(sign))
            yield " " * levels[-1].written + sign + words[item.end() :]
        elif above := _above(columns, levels):
            yield " " * levels[above - 1].words + words
        else:
            levels = [] if follows_blank or columns else levels
            yield line
        follows_blank = False


def _go_down(levels: list[Level], columns: int, sign: int) -> None:
    """Leave the levels above that of an item, and add its own.

    :param sign: columns that its sign and the blank behind it take
    """
    del levels[_above(columns - 1, levels) :]
    written = levels[-1].words if levels else 0
    levels.append(Level(columns, written, written + sign))


def _above(columns: int, levels: list[Level]) -> int:
    """Return how many of the levels are set in by fewer columns; each is set in further than those before it."""
    return bisect_left(levels, columns, key=lambda level: level.typed)


def _columns(line: str) -> int:
    expanded = line.expandtabs(TAB_COLUMNS)
    return len(expanded) - len(expanded.lstrip())
