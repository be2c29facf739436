"""Erasure: what was taken away, until it stands in the erasure journal; which journals there are; who may serve."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Now

# The sequence of its numbers goes on through every restore: the journal is in their order.
NUMBERS = "signatures_erasure_id_seq"


class Erasure(models.Model):
    """What a row is since something was taken away from it, or that it is gone; no names, only digests of them.

    Triggers write it in the transaction in which that happens (``erasure.sql``), and it goes once it is in the journal,
    which is beside the database.
    """

    # The table, or what else it is about; see signatures.restoring.policies.
    about = models.CharField(max_length=63)
    # The primary key there.
    row_id = models.BigIntegerField(null=True)
    is_gone = models.BooleanField(db_default=False)
    facts = models.JSONField(db_default=Value({}, models.JSONField()))
    # Which connection wrote it: the process at its other end copies it before it answers.
    backend = models.IntegerField(db_default=Func(function="pg_backend_pid", output_field=models.IntegerField()))
    noted_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        """Return the number, which says nothing of anybody."""
        return f"{self.pk}"


class Serving(models.Model):
    """The one row that lets a database serve. No backup holds it: ``restore`` adds it when the journal is applied."""

    id = models.SmallIntegerField(primary_key=True, db_default=1)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="serving_or_not")]

    def __str__(self) -> str:
        """Return since when."""
        return f"{self.since}"


class JournalFolder(models.Model):
    """The journal of one machine, as far as this database knows of it: a backup is not restored without those it needs.

    Each machine notes itself every hour (``signatures.journaling.folders``).
    """

    # Stands in the names of its files.
    id = models.CharField(primary_key=True, max_length=16)
    # A number that is in it; later ones may be.
    newest = models.BigIntegerField()
    seen_at = models.DateTimeField(db_default=TransactionNow())
    # When the last backup was begun on that machine: its journal has an entry that says so.
    backed_up_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Return the id, which is random."""
        return self.id
