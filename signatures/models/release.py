"""Release: what anyone may read of a petition's numbers, and what waits for the next one."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from signatures.models.petition import Petition


class ReleaseQuerySet(models.QuerySet["Release"]):
    """Reads of releases."""

    def newest(self, *, up_to: datetime | None = None) -> Release | None:
        """Return the newest of these, or None.

        :param up_to: only of those made up to this instant
        """
        made = self if up_to is None else self.filter(made_at__lte=up_to)
        return made.order_by("-number").first()

    def last_of_each_day(self) -> ReleaseQuerySet:
        """Keep the last release of each UTC day, the oldest first."""
        return self.order_by("made_at__date", "-number").distinct("made_at__date")


class Release(models.Model):
    """The published numbers of one moment; no row changes or goes (trigger)."""

    petition = models.ForeignKey(
        Petition, on_delete=models.PROTECT, related_name="releases", verbose_name=_("petition")
    )
    number = models.PositiveIntegerField(_("number"))
    made_at = models.DateTimeField(_("made at"), db_default=TransactionNow())
    figures = models.JSONField(_("figures"))

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [models.UniqueConstraint(fields=["petition", "number"], name="release_numbered")]

    def __str__(self) -> str:
        """Return the number."""
        return f"{self.number}"


class ReleaseClock(models.Model):
    """When the worker looks next whether a petition has enough for a release: a moment that nobody can foretell."""

    petition = models.OneToOneField(Petition, on_delete=models.CASCADE, primary_key=True, related_name="+")
    look_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        """Return the instant."""
        return f"{self.look_at}"


class MovementQuerySet(models.QuerySet["Movement"]):
    """Reads of what waits."""

    def people(self) -> int:
        """Return how many people these are of at least.

        A row stands for one signature. Whoever withdrew may have signed again under another row, so that those who left
        and those who are there are not added up.
        """
        found = self.aggregate(present=Count("pk", filter=Q(is_gone=False)), gone=Count("pk", filter=Q(is_gone=True)))
        return max(int(found["present"]), int(found["gone"]))

    def withdrawn(self) -> int:
        """Return how many people have withdrawn whom the last release counted."""
        return self.filter(was_counted=True, has_withdrawn=True).count()

    def changed(self) -> int:
        """Return how many people have changed their signature who are counted as before."""
        return self.filter(was_counted=True, is_counted=True).count()


class Movement(models.Model):
    """A signature that entered, changed or left since the last release; written by a trigger, deleted by a release."""

    # The signature may be gone, and neither row is looked up for it.
    signature_id = models.BigIntegerField(primary_key=True)
    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, db_constraint=False, related_name="movements")
    was_counted = models.BooleanField()
    is_counted = models.BooleanField()
    is_gone = models.BooleanField(default=False)
    # It counted until it went; one that had been removed before is told of as that.
    has_withdrawn = models.BooleanField(default=False, db_default=False)

    objects = MovementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(was_counted=True) | Q(is_counted=True), name="movement_touches_the_count"
            ),
            models.CheckConstraint(
                condition=Q(is_gone=False) | Q(is_counted=False), name="movement_gone_counts_no_more"
            ),
        ]
        indexes = [models.Index(F("petition"), name="movement_petition")]

    def __str__(self) -> str:
        """Return the number of the signature."""
        return f"{self.signature_id}"
