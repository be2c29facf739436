"""Finds what two sequences have in common, within a budget of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Steps:
    """A budget of steps; a step compares two units once.

    :param left: remaining steps
    """

    left: int

    def share(self, parts: int) -> int:
        """Return how many steps one comparison may use, so that some remain for others."""
        return self.left // parts


@dataclass(frozen=True)
class Block:
    """A run of units that occurs in both sequences.

    :param old: its start index in the first sequence
    :param new: its start index in the second sequence
    :param length: number of units
    """

    old: int
    new: int
    length: int


def common_blocks(old: Sequence[int], new: Sequence[int], steps: Steps, *, most: int) -> list[Block] | None:
    """Return blocks that occur in both sequences in the same order, so that the fewest units differ.

    Comparing both sequences from either end, once per unit, is not charged to the budget.

    :param old: units as numbers, equal numbers for equal units
    :param steps: the whole budget, from which the steps taken are deducted
    :param most: the maximum of steps for this call
    :returns: the blocks in order, or None if the steps do not suffice
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
    """Find the shortest edit script along the diagonals (Myers 1986, "An O(ND) difference algorithm")."""
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
    """Return the position in the first sequence when entering a diagonal from its better neighbour."""
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
