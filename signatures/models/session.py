"""Session: a browser that is logged in to the desk, or was a moment ago."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Case, Value, When

from signatures.models.clock import lately, over

IDLE_LIMIT = timedelta(minutes=30)
WHOLE_LIMIT = timedelta(hours=12)
# How exactly the last use is known: it is written no more often.
SEEN_EVERY = timedelta(minutes=1)
SEEN_LONG_AGO = Case(When(over("seen_at", SEEN_EVERY), then=Value(value=True)), default=Value(value=False))


class SessionQuerySet(models.QuerySet["Session"]):
    """Reads by the database's clock."""

    def live(self) -> SessionQuerySet:
        """Keep the sessions that are used often enough and did not begin too long ago."""
        return self.filter(lately("seen_at", IDLE_LIMIT), lately("created_at", WHOLE_LIMIT))

    def ended(self) -> SessionQuerySet:
        """Keep the sessions that let nobody in any more."""
        return self.filter(over("seen_at", IDLE_LIMIT) | over("created_at", WHOLE_LIMIT))


class Session(models.Model):
    """A session; the value of its cookie cannot be found from the row.

    :param key_hash: SHA-256 of the cookie's value
    :param data: signed together with the hash, so that no other row can carry it
    :param browser: from a small fixed list, empty if it is none of them; likewise the system
    """

    key_hash = models.BinaryField(unique=True)
    data = models.TextField()
    organiser = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions"
    )
    created_at = models.DateTimeField(db_default=TransactionNow(), editable=False)
    seen_at = models.DateTimeField(db_default=TransactionNow(), editable=False)
    browser = models.CharField(max_length=30, blank=True, default="", db_default="")
    system = models.CharField(max_length=30, blank=True, default="", db_default="")

    objects = SessionQuerySet.as_manager()

    def __str__(self) -> str:
        """Return the number of the row."""
        return str(self.pk)
