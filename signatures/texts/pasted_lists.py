"""Indents list items as Markdown requires, however a word processor indented them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

ITEM = re.compile(r"(?P<sign>[-*+]|[0-9]{1,9}[.)])\s+")
TAB_COLUMNS = 4


@dataclass(frozen=True)
class Level:
    """The indentation of one level of a list.

    :param typed: columns before the bullet or number as typed
    :param written: columns before the bullet or number in the Markdown
    :param words: columns before the words in the Markdown
    """

    typed: int
    written: int
    words: int


def with_levels(lines: list[str]) -> Iterator[str]:
    """Yield the lines with list items re-indented; an item indented further than the one above becomes its child."""
    levels: list[Level] = []
    follows_blank = True
    for line in lines:
        columns, words = _columns(line), line.lstrip()
        if not words:
            follows_blank = True
            yield line
            continue
        if item := ITEM.match(words):
            # Only one blank, since everything below would have to be indented by as many.
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
    """Drop the levels at least as deep as an item's, and add the item's own.

    :param sign: width in columns of its bullet or number with the following blank
    """
    del levels[_above(columns - 1, levels) :]
    written = levels[-1].words if levels else 0
    levels.append(Level(columns, written, written + sign))


def _above(columns: int, levels: list[Level]) -> int:
    """Return how many levels are indented by fewer columns; levels are sorted by indentation."""
    return bisect_left(levels, columns, key=lambda level: level.typed)


def _columns(line: str) -> int:
    expanded = line.expandtabs(TAB_COLUMNS)
    return len(expanded) - len(expanded.lstrip())
