"""Release: a petition's published numbers, and the movements that wait for the next release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from signatures.models.bundle import EnteredRow
from signatures.models.petition import Petition


class ReleaseQuerySet(models.QuerySet["Release"]):
    """Queries for releases."""

    def newest(self, *, up_to: datetime | None = None) -> Release | None:
        """Return the newest release, or None.

        :param up_to: ignore releases made after this instant
        """
        made = self if up_to is None else self.filter(made_at__lte=up_to)
        return made.order_by("-number").first()

    def last_of_each_day(self) -> ReleaseQuerySet:
        """Keep the last release of each UTC day, oldest first."""
        return self.order_by("made_at__date", "-number").distinct("made_at__date")


class Release(models.Model):
    """The published numbers of one moment; never changed or deleted (trigger)."""

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
    """When the worker next checks whether a petition has enough for a release; unpredictable by design."""

    petition = models.OneToOneField(Petition, on_delete=models.CASCADE, primary_key=True, related_name="+")
    look_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        """Return the instant."""
        return f"{self.look_at}"


class MovementQuerySet(models.QuerySet["Movement"]):
    """Queries for movements that wait for a release."""

    def people(self) -> int:
        """Return a lower bound of the number of people behind these movements.

        A row stands for one signature. Somebody who withdrew may have signed again under another row, so the numbers of
        those who left and those who are there are not added up. Of one bundle of paper somebody may know how many stand
        on it, and would learn the number of the others: so the largest is not among them.
        """
        bundle = EnteredRow.objects.filter(signature_id=OuterRef("pk")).values("sheet__bundle")[:1]
        present, gone = Count("pk", filter=Q(is_gone=False)), Count("pk", filter=Q(is_gone=True))
        groups = list(
            self.annotate(bundle=Subquery(bundle))
            .order_by()
            .values("bundle")
            .annotate(present=present, gone=gone)
            .values_list("bundle", "present", "gone")
        )
        return max(
            without_largest({bundle: amount for bundle, amount, _gone in groups}),
            without_largest({bundle: amount for bundle, _present, amount in groups}),
        )

    def withdrawn(self) -> int:
        """Return how many people who were counted by the last release have withdrawn."""
        return self.filter(was_counted=True, has_withdrawn=True).count()

    def changed(self) -> int:
        """Return how many people have changed their signature and are still counted."""
        return self.filter(was_counted=True, is_counted=True).count()


class Movement(models.Model):
    """A signature that entered, changed or left since the last release; written by a trigger, deleted by a release."""

    # No foreign key: the signature may be deleted, and inserts need no lookup.
    signature_id = models.BigIntegerField(primary_key=True)
    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, db_constraint=False, related_name="movements")
    was_counted = models.BooleanField()
    is_counted = models.BooleanField()
    is_gone = models.BooleanField(default=False)
    # Whether it counted when it was withdrawn; one that had been removed before is published as removed.
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


def without_largest(amounts: Mapping[int, int] | Mapping[int | None, int]) -> int:
    """Return the sum of amounts without that of the largest bundle.

    :param amounts: by number of the bundle; under None those that are of none
    """
    return sum(amounts.values()) - max((amount for bundle, amount in amounts.items() if bundle is not None), default=0)
