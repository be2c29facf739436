"""Tells whether two lots of times differ, by their ranks alone: a busy machine stretches both."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

# By how much one lot may come after the other: 0 is not at all, 0.5 is wholly.
SHIFT_MAX = 0.05
# How far the shares of the two lots that are below any one time may lie apart.
GAP_MAX = 0.1
# What chance alone adds to either hardly ever exceeds this, times its own scale.
CHANCE_SHIFT = 2.0
CHANCE_GAP = 1.36


@dataclass(frozen=True)
class Difference:
    """How far two lots differ.

    shift: by how much the chance that one of the second comes after one of the first differs from a half
        (Mann and Whitney's U, divided by the number of pairs).
    gap: the greatest distance between the two distributions (Kolmogorov and Smirnov's D).
    scale: the square root of 1/n + 1/m, to which both are proportional where chance alone makes them.
    """

    shift: float
    gap: float
    scale: float

    @property
    def tells(self) -> bool:
        """Return whether it is shown that the lots differ by more than they may."""
        by_shift = abs(self.shift) > SHIFT_MAX + CHANCE_SHIFT * self.scale / sqrt(12)
        return by_shift or self.gap > GAP_MAX + CHANCE_GAP * self.scale


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Compare two lots of times."""
    ones, others = sorted(first), sorted(second)
    before = sum(bisect_left(ones, time) + bisect_right(ones, time) for time in others)
    gap = max(
        abs(bisect_right(ones, time) / len(ones) - bisect_right(others, time) / len(others)) for time in ones + others
    )
    scale = sqrt(1 / len(ones) + 1 / len(others))
    return Difference(before / 2 / len(ones) / len(others) - 0.5, gap, scale)


def differences(lots: Mapping[str, Sequence[float]]) -> dict[tuple[str, str], Difference]:
    """Compare every lot with every other."""
    return {(one, other): difference(lots[one], lots[other]) for one, other in combinations(sorted(lots), 2)}
