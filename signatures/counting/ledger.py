"""The public ledger: what happened on each closed day, and the count that it adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from signatures.models import Petition
from signatures.models.choices import Source, TallyKind

# What each column of the ledger adds to the count.
SIGNS = {"confirmed": 1, "paper": 1, "imported": 1, "restored": 1, "withdrawn": -1, "removed": -1, "corrected": 1}
COLUMNS: dict[tuple[str, str], str] = {
    (TallyKind.SUBMITTED.value, Source.WEB.value): "submitted",
    (TallyKind.EXPIRED.value, Source.WEB.value): "expired",
    (TallyKind.CONFIRMED.value, Source.WEB.value): "confirmed",
    (TallyKind.CONFIRMED.value, Source.PAPER.value): "paper",
    (TallyKind.CONFIRMED.value, Source.IMPORT.value): "imported",
}
COLUMNS_OF_ANY_SOURCE: dict[str, str] = {
    TallyKind.CHANGED_TO.value: "changed",
    TallyKind.WITHDRAWN.value: "withdrawn",
    TallyKind.REMOVED.value: "removed",
    TallyKind.RESTORED.value: "restored",
    TallyKind.CORRECTION.value: "corrected",
}


@dataclass
class Period:
    """What happened in a time, in UTC.

    :param start: its first day
    :param reasons: of what was removed, by code
    :param count: the count at its end
    """

    start: date
    submitted: int = 0
    expired: int = 0
    confirmed: int = 0
    paper: int = 0
    imported: int = 0
    changed: int = 0
    withdrawn: int = 0
    removed: int = 0
    restored: int = 0
    corrected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    count: int = 0

    def add(self, column: str, amount: int, reason: str = "") -> None:
        """Enter an amount into a column."""
        setattr(self, column, getattr(self, column) + amount)
        if reason:
            self.reasons[reason] += amount

    @property
    def change(self) -> int:
        """Return by how much the count grew."""
        return sum(sign * getattr(self, column) for column, sign in SIGNS.items())


def ledger_of(petition: Petition) -> list[Period]:
    """Return every closed day on which something happened, the oldest first."""
    days: dict[date, Period] = {}
    for day, kind, source, reason, amount in petition.tallies.all().closed_days().by_day():
        column = COLUMNS.get((kind, source)) or COLUMNS_OF_ANY_SOURCE.get(kind)
        if column is not None and amount:
            days.setdefault(day, Period(day)).add(column, amount, reason)
    return counted(days[day] for day in sorted(days))


def by_month(days: Iterable[Period]) -> list[Period]:
    """Return the same by months, the oldest first."""
    months: dict[date, Period] = {}
    for day in days:
        month = months.setdefault(day.start.replace(day=1), Period(day.start.replace(day=1)))
        for column in (*SIGNS, "submitted", "expired", "changed"):
            month.add(column, getattr(day, column))
        month.reasons += day.reasons
    return counted(months.values())


def counted(periods: Iterable[Period]) -> list[Period]:
    """Return periods in order of time with the count at the end of each."""
    total, done = 0, []
    for period in periods:
        total += period.change
        period.count = total
        done.append(period)
    return done


def as_data(period: Period) -> dict[str, Any]:
    """Return a day as the JSON of the ledger has it."""
    return {
        "day": period.start.isoformat(),
        **{name: getattr(period, name) for name in ("submitted", "expired", *SIGNS, "changed")},
        "removed_by_reason": dict(sorted(period.reasons.items())),
        "count": period.count,
    }
