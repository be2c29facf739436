"""Days and hours in UTC, by the database's clock."""

from __future__ import annotations

from django.db import models
from django.db.models import Func


class UtcDay(Func):
    """The UTC day of an instant."""

    template = "((%(expressions)s) AT TIME ZONE 'UTC')::date"
    output_field = models.DateField()


class UtcHour(Func):
    """The beginning of an instant's UTC hour."""

    template = "(date_trunc('hour', (%(expressions)s) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')"
    output_field = models.DateTimeField()
