"""Finds what two sequences have in common, in no more steps than it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Steps:
    """How many steps may still be taken; a step compares two units once.

    :param left: steps that are left
    """

    left: int

    def share(self, parts: int) -> int:
        """Return what one comparison may take of it, so that others are left something."""
        return self.left // parts


@dataclass(frozen=True)
class Block:
    """A run of units that stand in both sequences.

    :param old: where it begins in the first one
    :param new: where it begins in the second one
    :param length: how many units it has
    """

    old: int
    new: int
    length: int


def common_blocks(old: Sequence[int], new: Sequence[int], steps: Steps, *, most: int) -> list[Block] | None:
    """Return the blocks that stand in both sequences in the same order, so that the fewest units differ.

    Beside the steps each unit is compared once with the one at its place, from either end.

    :param old: units as numbers, equal ones having the same
    :param steps: what may be taken in all; it is less afterwards
    :param most: what may be taken here
    :returns: the blocks in order, or None where the steps do not suffice
    """
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    inner = _shortest_script(old[head : len(old) - tail], new[head : len(new) - tail], steps, most)
    if inner is None:
        return None
    blocks = [Block(0, 0, head), *(Block(one.old + head, one.new + head, one.length) for one in inner)]
    blocks.append(Block(len(old) - tail, len(new) - tail, tail))
    return [block for block in blocks if block.length]


def _shortest_script(old: Sequence[int], new: Sequence[int], steps: Steps, most: int) -> list[Block] | None:
    """Walk along the diagonals of the table of both sequences (Myers 1986, "An O(ND) difference algorithm")."""
    if not old or not new:
        return []
    taken, reached = 0, {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(len(old) + len(new) + 1):
        trace.append(dict(reached))
        lowest, highest = -edits + 2 * max(0, edits - len(new)), edits - 2 * max(0, edits - len(old))
        for diagonal in range(lowest, highest + 1, 2):
            taken += 1
            at_old = _next(reached, diagonal)
            at_new = at_old - diagonal
            while at_old < len(old) and at_new < len(new) and old[at_old] == new[at_new]:
                at_old, at_new, taken = at_old + 1, at_new + 1, taken + 1
            reached[diagonal] = at_old
            if at_old >= len(old) and at_new >= len(new):
                steps.left -= taken
                return _walk_back(trace, len(old), len(new))
            if taken > most:
                steps.left = max(steps.left - taken, 0)
                return None
    raise AssertionError("Taking everything out and putting everything in is a script.")


def _next(reached: dict[int, int], diagonal: int) -> int:
    """Return how far the first sequence is used up where a diagonal is entered from the better of its neighbours."""
    below, above = reached.get(diagonal + 1, -1), reached.get(diagonal - 1, -1)
    return below if below > above else above + 1


def _walk_back(trace: list[dict[int, int]], at_old: int, at_new: int) -> list[Block]:
    blocks: list[Block] = []
    for reached in reversed(trace):
        diagonal = at_old - at_new
        entered = _next(reached, diagonal)
        if at_old > entered:
            blocks.append(Block(entered, entered - diagonal, at_old - entered))
        came_down = reached.get(diagonal + 1, -1) > reached.get(diagonal - 1, -1)
        at_old = entered if came_down else entered - 1
        at_new = at_old - (diagonal + 1 if came_down else diagonal - 1)
    return blocks[::-1]
