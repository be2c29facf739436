"""The ledger's months reveal no group of one to nine people, like its days."""

from __future__ import annotations

from datetime import UTC, datetime

from signatures.counting.figures import Figures
from signatures.counting.ledger import Period, by_month


def test_a_month_in_which_a_few_signed_is_part_of_the_next() -> None:
    counts = {1: 100, 2: 105, 3: 130, 4: 130, 5: 121, 6: 115}
    periods = [
        Period(datetime(2011, month, 20, tzinfo=UTC), Figures(count=count), {}) for month, count in counts.items()
    ]
    told = [(month.start.month, month.change, month.count) for month in by_month(periods)]
    assert told == [(1, 100, 100), (3, 30, 130), (4, 0, 130), (6, -15, 115)]
