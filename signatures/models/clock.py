"""Days and hours in UTC, by the database's clock, and what it says of stored times.

A clock may go back, as where it was wrong and is set right. A time that was stored before is then to come, perhaps for
years; whoever waits for it, or takes it for the last time that something was done, would stand still for so long. So a
time that lies farther ahead than it was ever set to says nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Func, Q


class UtcDay(Func):
    """The UTC day of an instant."""

    template = "((%(expressions)s) AT TIME ZONE 'UTC')::date"
    output_field = models.DateField()


class UtcHour(Func):
    """The beginning of an instant's UTC hour."""

    template = "(date_trunc('hour', (%(expressions)s) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')"
    output_field = models.DateTimeField()


def lately(field: str, time: timedelta) -> Q:
    """Keep rows in which something was done within some time."""
    return Q(**{f"{field}__gt": TransactionNow() - time, f"{field}__lte": TransactionNow() + time})


def over(field: str, time: timedelta) -> Q:
    """Keep rows in which something was done some time ago, or at a time that cannot be."""
    return Q(**{f"{field}__lte": TransactionNow() - time}) | Q(**{f"{field}__gt": TransactionNow() + time})


def still_to_come(field: str, longest: timedelta) -> Q:
    """Keep rows whose time is to come.

    :param longest: how far ahead such a time is set at most
    """
    return Q(**{f"{field}__gt": TransactionNow(), f"{field}__lte": TransactionNow() + longest})
