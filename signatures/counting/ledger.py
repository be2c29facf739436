"""The public ledger: what each day's releases told of how the count came about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

from signatures.counting.figures import FLOWS, Figures
from signatures.counting.published import figures_of
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


@dataclass
class Period:
    """What releases told of in a time, in UTC.

    :param start: its first day
    :param amounts: by column, those of FLOWS among them
    :param count: the count at its end
    """

    start: date
    amounts: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def __getitem__(self, column: str) -> int:
        """Return the amount of a column, for templates too."""
        return self.amounts.get(column, 0)

    @property
    def change(self) -> int:
        """Return by how much the count grew."""
        return sum(sign * self[column] for column, sign in SIGNS.items())

    def add(self, amounts: dict[str, int]) -> None:
        """Add amounts to the columns."""
        for column, amount in amounts.items():
            self.amounts[column] = self[column] + amount


def ledger_of(petition: Petition) -> list[Period]:
    """Return every day with a release, the oldest first; a day stands for what was published from the one before on."""
    periods, before = [], totals_of(Figures())
    for release in Release.objects.filter(petition=petition).last_of_each_day():
        figures = figures_of(release)
        now = totals_of(figures)
        difference = {column: now[column] - before[column] for column in now if now[column] != before[column]}
        periods.append(Period(release.made_at.astimezone(UTC).date(), difference, figures.count))
        before = now
    return periods


def by_month(days: Iterable[Period]) -> list[Period]:
    """Return the same by months, the oldest first."""
    months: dict[date, Period] = {}
    for day in days:
        month = months.setdefault(day.start.replace(day=1), Period(day.start.replace(day=1)))
        month.add(day.amounts)
        month.count = day.count
    return list(months.values())


def totals_of(figures: Figures) -> dict[str, int]:
    """Return what each column comes to up to a release; no amount is below zero but of corrections and the untold."""
    columns = {column: sign * figures.columns.cells.get(column, 0) for column, sign in SIGNS.items()}
    return {**columns, "untold": figures.columns.rest, **{name: figures.flows[name] for name in FLOWS}}


def as_data(period: Period) -> dict[str, Any]:
    """Return a day as the JSON of the ledger has it."""
    return {
        "day": period.start.isoformat(),
        **{name: period[name] for name in (*FLOWS[:2], *SIGNS, FLOWS[2])},
        "count": period.count,
    }
