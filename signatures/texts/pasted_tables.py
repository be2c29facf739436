"""Makes tables whole: cells between tabs, as spreadsheets copy them, and rows with more cells than their head."""

from __future__ import annotations

import re
from itertools import groupby

DELIMITERS = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
PIPE = re.compile(r"(?<!\\)\|")
LAST_PIPE = re.compile(r"(?<!\\)\|\s*$")
SIGNS = re.compile(r"\s*(?:[-*+>#|]|[0-9]{1,9}[.)]\s)")
ROWS_MIN, CELLS_MIN = 2, 2


def with_whole_tables(lines: list[str]) -> list[str]:
    """Return the lines, those of tables as Markdown writes them, and no row with more cells than its head."""
    found: list[str] = []
    for cells, run in groupby(lines, _tabbed_cells):
        rows = list(run)
        found += _table(rows) if cells >= CELLS_MIN and len(rows) >= ROWS_MIN else rows
    for place in range(len(found) - 1):
        head, delimiters = found[place], found[place + 1]
        if "|" in head and "|" in delimiters and DELIMITERS.fullmatch(delimiters):
            found[place : place + 2] = _widened(found, place)
    return found


def _tabbed_cells(line: str) -> int:
    """Return how many cells a line has between tabs, or 0 where it is none of a table."""
    return line.count("\t") + 1 if "\t" in line.strip() and not SIGNS.match(line) else 0


def _table(rows: list[str]) -> list[str]:
    cells = [[PIPE.sub(r"\\|", cell.strip()) for cell in row.split("\t")] for row in rows]
    # What every row leaves empty is no column but the way in which the rows are set in.
    used = [place for place in range(len(cells[0])) if any(row[place] for row in cells)]
    written = ["| " + " | ".join(row[place] for place in used) + " |" for row in cells]
    return ["", written[0], "|" + "---|" * len(used), *written[1:], ""]


def _widened(lines: list[str], place: int) -> list[str]:
    """Return head and delimiters of a table with as many cells as its widest row, since others would be cut off."""
    head, delimiters = lines[place], lines[place + 1]
    width = _cells(head)
    if width != _cells(delimiters):
        return [head, delimiters]
    widest = width
    for line in lines[place + 2 :]:
        if not line.strip():
            break
        widest = max(widest, _cells(line))
    if widest == width:
        return [head, delimiters]
    return [
        LAST_PIPE.sub("", head) + "|" + " |" * (widest - width),
        LAST_PIPE.sub("", delimiters) + "|" + "---|" * (widest - width),
    ]


def _cells(row: str) -> int:
    return len(PIPE.findall(LAST_PIPE.sub("", row.strip().removeprefix("|")))) + 1
