"""Reads how campaigns go, for organisers: exact numbers of several petitions, from the tally alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from signatures.models.choices import COUNT_DOWN, COUNT_UP, Source, TallyKind
from signatures.models.tally import DIMENSION_DOWN, DIMENSION_UP

DAYS = 30
HOURS = 48
WEEK = 7
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

# In one statement, since the fold may move rows from the unsummed ones to the sums between two. What it reads grows
# with the countries and languages of a campaign, not with its signatures.
NUMBERS = """
WITH fresh AS (
    SELECT petition_id, kind, source, country, language, visibility, amount FROM signatures_tally
    WHERE petition_id = ANY (%(petitions)s) AND NOT is_summed
), kinds AS (
    SELECT petition_id, kind, amount FROM signatures_tallysum WHERE petition_id = ANY (%(petitions)s)
    UNION ALL SELECT petition_id, kind, amount FROM fresh
), splits AS (
    SELECT petition_id, source, country, language, visibility, amount FROM signatures_tallysplit
    WHERE petition_id = ANY (%(petitions)s)
    UNION ALL SELECT petition_id, source, country, language, visibility,
        CASE WHEN kind = ANY (%(up)s) THEN amount ELSE -amount END
    FROM fresh WHERE kind = ANY (%(up)s) OR kind = ANY (%(down)s)
)
SELECT petition_id, 'kind', kind, sum(amount)::bigint FROM kinds GROUP BY petition_id, kind
UNION ALL SELECT petition_id,
    CASE WHEN country IS NOT NULL THEN 'country' WHEN language IS NOT NULL THEN 'language'
        WHEN visibility IS NOT NULL THEN 'visibility' ELSE 'source' END,
    COALESCE(country, language, visibility, source), sum(amount)::bigint
FROM splits
GROUP BY GROUPING SETS ((petition_id, country), (petition_id, language), (petition_id, visibility),
    (petition_id, source))
HAVING sum(amount) <> 0
"""
# Folded hours have one row for each kind: a month has so many whatever happens in it.
LATELY = """
WITH recent AS (
    SELECT petition_id, hour, CASE WHEN kind = ANY (%(up)s) THEN amount ELSE -amount END AS amount
    FROM signatures_hourtally
    WHERE petition_id = ANY (%(petitions)s) AND (kind = ANY (%(up)s) OR kind = ANY (%(down)s))
        AND hour >= date_trunc('day', now(), 'UTC') - make_interval(days => %(days)s - 1)
)
SELECT NULL, 'now', date_trunc('hour', now(), 'UTC'), 0
UNION ALL SELECT petition_id, 'day', date_trunc('day', hour, 'UTC'), sum(amount)::bigint FROM recent GROUP BY 1, 3
UNION ALL SELECT petition_id, 'hour', hour, sum(amount)::bigint FROM recent
WHERE hour > now() - make_interval(hours => %(hours)s) GROUP BY 1, 3
"""
Moment = tuple[datetime, int]


@dataclass(frozen=True)
class Watched:
    """How a campaign goes.

    :param days: of the last DAYS days in UTC, this one last, its first instant and the change of the count
    :param hours: the same of the last HOURS hours
    :param kinds: all that happened, by TallyKind
    :param splits: the count by ``country``, ``language``, ``visibility`` and ``source``, by code, the largest first
    """

    days: Sequence[Moment]
    hours: Sequence[Moment]
    kinds: Mapping[str, int] = field(default_factory=dict)
    splits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return how many signatures count."""
        return self._sum(*COUNT_UP) - self._sum(*COUNT_DOWN)

    @property
    def today(self) -> int:
        """Return the change of the count since midnight in UTC."""
        return self.days[-1][1]

    @property
    def week(self) -> int:
        """Return the change of the count in seven days, this one included."""
        return sum(amount for _, amount in self.days[-WEEK:])

    @property
    def sent(self) -> int:
        """Return how many forms were sent."""
        return self._sum(TallyKind.SUBMITTED)

    @property
    def confirmed(self) -> int:
        """Return how many of these became signatures; what was entered from paper or imported was not sent."""
        entered = sum(self.split("source").get(source, 0) for source in (Source.PAPER, Source.IMPORT))
        return max(self._sum(TallyKind.CONFIRMED) - entered, 0)

    @property
    def expired(self) -> int:
        """Return how many of these nobody confirmed in time."""
        return self._sum(TallyKind.EXPIRED)

    def split(self, dimension: str) -> Mapping[str, int]:
        """Return the count by the codes of a dimension, the largest first."""
        return self.splits.get(dimension, {})

    def _sum(self, *kinds: str) -> int:
        return sum(self.kinds.get(kind, 0) for kind in kinds)


def watch(petitions: Sequence[int]) -> dict[int, Watched]:
    """Return how each of these campaigns goes, in two statements however many they are.

    :param petitions: their row numbers
    """
    of: dict[str, Any] = {"petitions": list(petitions)}
    parts: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    moments: dict[tuple[int, str], dict[datetime, int]] = defaultdict(dict)
    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, {**of, "up": DIMENSION_UP, "down": DIMENSION_DOWN})
        for petition, part, code, amount in cursor.fetchall():
            parts[petition][part][code] = amount
        cursor.execute(LATELY, {**of, "up": COUNT_UP, "down": COUNT_DOWN, "days": DAYS, "hours": HOURS})
        for petition, part, moment, amount in cursor.fetchall():
            if part == "now":
                now = moment.astimezone(UTC)
            else:
                moments[petition, part][moment] = amount
    days = _steps(now.replace(hour=0), DAY, DAYS)
    hours = _steps(now, HOUR, HOURS)
    return {
        pk: Watched(
            days=[(day, moments[pk, "day"].get(day, 0)) for day in days],
            hours=[(hour, moments[pk, "hour"].get(hour, 0)) for hour in hours],
            kinds=parts[pk].pop("kind", {}),
            splits={part: _largest_first(amounts) for part, amounts in parts[pk].items()},
        )
        for pk in petitions
    }


def _steps(last: datetime, step: timedelta, amount: int) -> list[datetime]:
    return [last - step * before for before in reversed(range(amount))]


def _largest_first(amounts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(amounts.items(), key=lambda one: (-one[1], one[0])))
