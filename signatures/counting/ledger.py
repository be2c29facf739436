"""The public ledger: how the count came about, by the days of the releases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from signatures.counting.figures import CHANGED, FLOWS, FORMS, Figures
from signatures.counting.published import figures_of
from signatures.counting.rule_of_ten import is_large
from signatures.models import Petition, Release

# The sign with which each column enters the count. Amounts of fewer than ten of one kind are in ``untold`` until they
# can be published in their own column.
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
    """What changed between two releases.

    :param made_at: when the later one was made
    :param figures: of the later one
    :param amounts: the changes by column, including those of FLOWS
    """

    made_at: datetime
    figures: Figures
    amounts: Mapping[str, int]

    @property
    def day(self) -> date:
        """Return the UTC day on which the period ends."""
        return self.made_at.astimezone(UTC).date()

    @property
    def count(self) -> int:
        """Return the count at the end of the period."""
        return self.figures.count


@dataclass(frozen=True)
class Month:
    """The change of the count in a month, and the count at its end.

    :param start: the first day of the month
    """

    start: date
    change: int
    count: int


def ledger_of(petition: Petition) -> list[Period]:
    """Return one period for each day with releases, the oldest first.

    Releases of one day can partly cancel each other. If that leaves a change of one to nine people, the day is skipped,
    and the period extends to the first day that leaves no such change.
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
    """Return the count's changes by month, the oldest first; a change of one to nine is merged into the next month."""
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
    """Return the total of each column up to a release; only those of corrections and ``untold`` can be negative."""
    columns = {column: sign * figures.columns.cells.get(column, 0) for column, sign in SIGNS.items()}
    return {**columns, "untold": figures.columns.rest, **{name: figures.flows[name] for name in FLOWS}}


# The keys of a day, in their order.
COLUMNS = ("day", *FORMS, *SIGNS, CHANGED, "count")


def as_data(period: Period, *, forms_are_told: bool) -> dict[str, Any]:
    """Convert a period to the ledger's JSON; numbers that are not published are None."""
    return {
        "day": period.day.isoformat(),
        **{name: period.amounts[name] if forms_are_told else None for name in FORMS},
        **{name: period.amounts[name] for name in (*SIGNS, CHANGED)},
        "count": period.count,
    }
