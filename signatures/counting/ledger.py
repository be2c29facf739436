"""The public ledger: what each day's releases told of how the count came about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from signatures.counting.figures import CHANGED, FLOWS, FORMS, Figures
from signatures.counting.published import figures_of
from signatures.counting.rule_of_ten import is_large
from signatures.models import Petition, Release

# What each column of the ledger adds to the count. What is told apart only later, since it stands for fewer than ten of
# one kind, is in ``untold`` until then.
SIGNS = {
    "confirmed": 1,
    "paper": 1,
    "imported": 1,
    "restored": 1,
    "withdrawn": -1,
    "removed": -1,
    "corrected": 1,
    "untold": 1,
}


@dataclass(frozen=True)
class Period:
    """What was published from one release to another.

    :param made_at: when the later one was made
    :param figures: all that it published
    :param amounts: what it added, by column, those of FLOWS among them
    """

    made_at: datetime
    figures: Figures
    amounts: Mapping[str, int]

    @property
    def day(self) -> date:
        """Return the UTC day of its end."""
        return self.made_at.astimezone(UTC).date()

    @property
    def count(self) -> int:
        """Return the count at its end."""
        return self.figures.count


@dataclass(frozen=True)
class Month:
    """By how much the count grew, and what it was at the end.

    :param start: the first day
    """

    start: date
    change: int
    count: int


def ledger_of(petition: Petition) -> list[Period]:
    """Return what each day with releases told of, the oldest first.

    Releases of one day can take back some of what others told. Where that leaves a few people over, the day is passed
    over, and the period grows until a day leaves none.
    """
    periods, before = [], Figures()
    for release in Release.objects.filter(petition=petition).last_of_each_day():
        now = figures_of(release)
        amounts = _growth(before, now)
        if all(map(is_large, (now.count - before.count, *amounts.values()))):
            periods.append(Period(release.made_at, now, amounts))
            before = now
    return periods


def by_month(periods: Iterable[Period]) -> list[Month]:
    """Return how the count grew by months, the oldest first; a month that tells of a few is part of the next."""
    months, before = [], 0
    for start, last in {period.day.replace(day=1): period for period in periods}.items():
        if is_large(last.count - before):
            months.append(Month(start, last.count - before, last.count))
            before = last.count
    return months


def _growth(before: Figures, now: Figures) -> dict[str, int]:
    old, new = totals_of(before), totals_of(now)
    return {column: new[column] - old[column] for column in new}


def totals_of(figures: Figures) -> dict[str, int]:
    """Return what each column comes to up to a release; no amount is below zero but of corrections and the untold."""
    columns = {column: sign * figures.columns.cells.get(column, 0) for column, sign in SIGNS.items()}
    return {**columns, "untold": figures.columns.rest, **{name: figures.flows[name] for name in FLOWS}}


def as_data(period: Period, *, forms_are_told: bool) -> dict[str, Any]:
    """Return a day as the JSON of the ledger has it; what is not told is None."""
    return {
        "day": period.day.isoformat(),
        **{name: period.amounts[name] if forms_are_told else None for name in FORMS},
        **{name: period.amounts[name] for name in (*SIGNS, CHANGED)},
        "count": period.count,
    }
