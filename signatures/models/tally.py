"""Tally: insert-only rows from which the count, the charts and the public ledger are computed."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Case, F, Q, Sum, When
from django.db.models.functions import Coalesce, ExtractHour
from django.utils.translation import gettext_lazy as _

from signatures.languages import shipped_choices
from signatures.models.choices import COUNT_DOWN, COUNT_UP, Source, StateReason, TallyKind, Visibility
from signatures.models.clock import UtcDay, UtcHour
from signatures.models.petition import Petition

DIMENSION_UP = [*COUNT_UP, TallyKind.CHANGED_TO]
DIMENSION_DOWN = [*COUNT_DOWN, TallyKind.CHANGED_FROM]
DIMENSIONS = ("source", "country", "language", "visibility")
WEEK = timedelta(days=7)
# The default if hours are equally quiet: four in the morning in Minsk.
NIGHT = 1


class TallyQuerySet(models.QuerySet["Tally"]):
    """Queries for the tally, each a single statement, since the fold may move rows between two."""

    def count_signatures(self) -> int:
        """Return CONFIRMED - WITHDRAWN - REMOVED + RESTORED + CORRECTION over all rows; pages read the sums instead."""
        signed = Case(
            When(kind__in=COUNT_UP, then=F("amount")), When(kind__in=COUNT_DOWN, then=-F("amount")), default=0
        )
        count: int = self.aggregate(count=Coalesce(Sum(signed), 0))["count"]
        return count

    def count_by(self, *dimensions: str) -> dict[tuple[str, ...], int]:
        """Return the count for each combination of dimensions for which it is not zero."""
        signed = Case(
            When(kind__in=DIMENSION_UP, then=F("amount")), When(kind__in=DIMENSION_DOWN, then=-F("amount")), default=0
        )
        rows = self.values_list(*dimensions).annotate(count=Sum(signed)).order_by(*dimensions)
        return {tuple(row[:-1]): row[-1] for row in rows if row[-1]}

    def by_kind(self) -> list[tuple[str, str, str, str, str, str, int]]:
        """Return (kind, reason, source, country, language, visibility, amount) over the rows."""
        rows = self.values_list("kind", "reason", "source", "country", "language", "visibility")
        return list(rows.annotate(amount=Sum("amount")).order_by())


class Tally(models.Model):
    """How often an event happened on a UTC day; rows are inserted, and folded by one job, never changed (trigger)."""

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="tallies")
    day = models.DateField(_("day (UTC)"), db_default=UtcDay(TransactionNow()))
    kind = models.CharField(_("kind"), max_length=12, choices=TallyKind.choices)
    reason = models.CharField(_("reason"), max_length=10, choices=StateReason.choices, blank=True, default="")
    source = models.CharField(_("source"), max_length=6, choices=Source.choices, default=Source.WEB)
    country = models.CharField(_("country"), max_length=2)
    language = models.CharField(_("language"), max_length=2, choices=shipped_choices)
    visibility = models.CharField(_("visibility"), max_length=9, choices=Visibility.choices)
    amount = models.IntegerField(_("amount"))
    # Whether it is included in its petition's TallySum.
    is_summed = models.BooleanField(db_default=False, editable=False)

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=TallyKind.values), name="tally_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=TallyKind.CORRECTION) | Q(amount__gt=0), name="tally_only_correction_is_signed"
            ),
            models.CheckConstraint(
                condition=Q(kind=TallyKind.REMOVED) | Q(reason=""), name="tally_reason_only_of_removal"
            ),
        ]
        indexes = [
            models.Index("petition", "day", name="tally_day"),
            models.Index("petition", condition=Q(is_summed=False), name="tally_not_summed"),
        ]

    def __str__(self) -> str:
        """Return what was counted when."""
        return f"{self.day} {self.kind} {self.amount}"


class TallySum(models.Model):
    """The total of all summed tally rows of a kind; written by the fold in the statement that sums them (trigger)."""

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="tally_sums")
    kind = models.CharField(max_length=12, choices=TallyKind.choices)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "kind"], name="tally_sum_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=TallyKind.values), name="tally_sum_kind_known"),
        ]

    def __str__(self) -> str:
        """Return the kind and its total."""
        return f"{self.kind} {self.amount}"


class HourTallyQuerySet(models.QuerySet["HourTally"]):
    """Queries for the hourly tally."""

    def quietest_hour(self) -> int:
        """Return the UTC hour of the day with the fewest events over the last week."""
        of_week = self.filter(hour__gt=TransactionNow() - WEEK).exclude(kind=TallyKind.CORRECTION)
        rows = of_week.values_list(ExtractHour("hour", tzinfo=UTC)).annotate(amount=Sum("amount")).order_by()
        amounts = dict(rows)
        return min(range(24), key=lambda hour: (amounts.get(hour, 0), (hour - NIGHT) % 24))


class HourTally(models.Model):
    """How often an event happened in an hour, for the organisers' dashboard."""

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="+")
    hour = models.DateTimeField(db_default=UtcHour(TransactionNow()))
    kind = models.CharField(max_length=12, choices=TallyKind.choices)
    amount = models.IntegerField()

    objects = HourTallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=TallyKind.values), name="hour_tally_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=TallyKind.CORRECTION) | Q(amount__gt=0), name="hour_tally_only_correction_is_signed"
            ),
        ]
        indexes = [models.Index("petition", "hour", name="hour_tally_hour")]

    def __str__(self) -> str:
        """Return what was counted when."""
        return f"{self.hour} {self.kind} {self.amount}"
