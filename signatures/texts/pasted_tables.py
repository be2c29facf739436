"""Repairs tables: cells separated by tabs, as spreadsheets copy them, and rows with more cells than their head."""

from __future__ import annotations

import re
from itertools import groupby

DELIMITERS = re.compile(r"\s*+\|?\s*+:?-++:?\s*+(?:\|\s*+:?-++:?\s*+)*+\|?\s*+")
PIPE = re.compile(r"(?<!\\)\|")
LAST_PIPE = re.compile(r"(?<!\\)\|\s*$")
SIGNS = re.compile(r"\s*(?:[-*+>#|]|[0-9]{1,9}[.)]\s)")
ROWS_MIN, CELLS_MIN = 2, 2
# After a blank line, only the first head is certain; what looks like another head may be a row of the first table. Such
# heads get at most this many additional cells in all, or a short text could become a very long one.
CELLS_ADDED_MAX = 10_000


def with_whole_tables(lines: list[str]) -> list[str]:
    """Return the lines with tables in Markdown, and no row with more cells than its head."""
    found: list[str] = []
    for cells, run in groupby(lines, _tabbed_cells):
        rows = list(run)
        found += _table(rows) if cells >= CELLS_MIN and len(rows) >= ROWS_MIN else rows
    return _with_wide_heads(found)


def _with_wide_heads(lines: list[str]) -> list[str]:
    """Return the lines with table heads widened to their widest row, since surplus cells would be cut off."""
    found = list(lines)
    widest = _widest_from(lines)
    added, is_first = 0, True
    for place in range(len(found) - 1):
        head, delimiters = found[place], found[place + 1]
        is_first |= not head.strip()
        if not ("|" in head and "|" in delimiters and DELIMITERS.fullmatch(delimiters)):
            continue
        width = _cells(head)
        if width != _cells(delimiters):
            continue
        missing = widest[place] - width
        if missing and (is_first or added + missing <= CELLS_ADDED_MAX):
            added += 0 if is_first else missing
            found[place] = LAST_PIPE.sub("", head) + "|" + " |" * missing
            found[place + 1] = LAST_PIPE.sub("", delimiters) + "|" + "---|" * missing
        is_first = False
    return found


def _widest_from(lines: list[str]) -> list[int]:
    """Return for each line the largest number of cells in any line from there to the next blank line."""
    widest: list[int] = []
    for line in reversed(lines):
        widest.append(max(widest[-1] if widest else 0, _cells(line)) if line.strip() else 0)
    return widest[::-1]


def _tabbed_cells(line: str) -> int:
    """Return how many tab-separated cells a line has, or 0 if it is not part of a table."""
    return line.count("\t") + 1 if "\t" in line.strip() and not SIGNS.match(line) else 0


def _table(rows: list[str]) -> list[str]:
    cells = [[PIPE.sub(r"\\|", cell.strip()) for cell in row.split("\t")] for row in rows]
    # A column that is empty in every row is not a column but the indentation of the rows.
    used = [place for place in range(len(cells[0])) if any(row[place] for row in cells)]
    written = ["| " + " | ".join(row[place] for place in used) + " |" for row in cells]
    return ["", written[0], "|" + "---|" * len(used), *written[1:], ""]


def _cells(row: str) -> int:
    return len(PIPE.findall(LAST_PIPE.sub("", row.strip().removeprefix("|")))) + 1
