"""Merges small cells of a table, so that no number stands for a few people."""

from __future__ import annotations

CELL_MIN = 10
OTHERS = "other"


def merge_small(cells: dict[str, int]) -> dict[str, int]:
    """Return the cells, the largest first, with those under ten merged into ``other``, which reaches ten too.

    Where everything together does not reach ten, nothing is returned.
    """
    kept = sorted(((count, key) for key, count in cells.items() if count >= CELL_MIN), reverse=True)
    rest = sum(count for count in cells.values() if count < CELL_MIN)
    while 0 < rest < CELL_MIN and kept:
        rest += kept.pop()[0]
    table = {key: count for count, key in kept}
    if rest >= CELL_MIN:
        table[OTHERS] = rest
    return table
