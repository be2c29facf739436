"""Rank tests for whether two samples of times differ; only ranks, since a busy machine stretches both samples."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

# The tolerated shift of one sample after the other: 0 is none, 0.5 is complete.
SHIFT_MAX = 0.05
# The tolerated distance between the distribution functions of the two samples.
GAP_MAX = 0.1
# Chance alone hardly ever adds more than this, times the respective scale.
CHANCE_SHIFT = 2.0
CHANCE_GAP = 1.36


@dataclass(frozen=True)
class Difference:
    """How far two samples differ.

    shift: by how much the chance that one of the second comes after one of the first differs from a half
        (Mann and Whitney's U, divided by the number of pairs).
    gap: the greatest distance between the two distributions (Kolmogorov and Smirnov's D).
    scale: the square root of 1/n + 1/m, to which both are proportional where chance alone makes them.
    """

    shift: float
    gap: float
    scale: float

    @property
    def is_significant(self) -> bool:
        """Return whether the samples differ significantly by more than is tolerated."""
        by_shift = abs(self.shift) > SHIFT_MAX + CHANCE_SHIFT * self.scale / sqrt(12)
        return by_shift or self.gap > GAP_MAX + CHANCE_GAP * self.scale


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Compare two samples of times."""
    ones, others = sorted(first), sorted(second)
    before = sum(bisect_left(ones, time) + bisect_right(ones, time) for time in others)
    gap = max(
        abs(bisect_right(ones, time) / len(ones) - bisect_right(others, time) / len(others)) for time in ones + others
    )
    scale = sqrt(1 / len(ones) + 1 / len(others))
    return Difference(before / 2 / len(ones) / len(others) - 0.5, gap, scale)


def differences(samples: Mapping[str, Sequence[float]]) -> dict[tuple[str, str], Difference]:
    """Compare every sample with every other."""
    return {(one, other): difference(samples[one], samples[other]) for one, other in combinations(sorted(samples), 2)}
