"""Days and hours in UTC by the database's clock, and comparisons of stored times that survive a clock set back.

A clock may jump back when an error is corrected. Times stored before are then in the future, perhaps by years; code
that waits for them, or takes them for the last time something was done, would stall as long. So a time that is farther
ahead than such a time is ever set is ignored.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import connection, models
from django.db.models import Func, Q


class UtcDay(Func):
    """The UTC day of an instant."""

    template = "((%(expressions)s) AT TIME ZONE 'UTC')::date"
    output_field = models.DateField()


class UtcHour(Func):
    """The start of an instant's UTC hour."""

    template = "(date_trunc('hour', (%(expressions)s) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')"
    output_field = models.DateTimeField()


def instant_of_now() -> datetime:
    """Return the time by the database's clock, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now.astimezone(UTC)


def lately(field: str, time: timedelta) -> Q:
    """Match rows whose time in a field is in the recent past, at most this long ago."""
    return Q(**{f"{field}__gt": TransactionNow() - time, f"{field}__lte": TransactionNow() + time})


def over(field: str, time: timedelta) -> Q:
    """Match rows whose time in a field is at least this long ago, or impossibly far in the future."""
    return Q(**{f"{field}__lte": TransactionNow() - time}) | Q(**{f"{field}__gt": TransactionNow() + time})


def still_to_come(field: str, longest: timedelta) -> Q:
    """Match rows whose time in a field is in the future.

    :param longest: the farthest ahead that such a time is ever set
    """
    return Q(**{f"{field}__gt": TransactionNow(), f"{field}__lte": TransactionNow() + longest})
