"""StandingHold: which new signatures are held for an organiser, from now until a day."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q

from signatures.models.rule import Group

# A domain mark lives as long.
STANDING_HOLD_LIFETIME_MAX = timedelta(days=30)


class StandingHoldQuerySet(models.QuerySet["StandingHold"]):
    """Queries for standing holds."""

    def in_force(self) -> StandingHoldQuerySet:
        """Keep those that hold signatures now."""
        return self.filter(ends_at__gt=TransactionNow())

    def over(self) -> StandingHoldQuerySet:
        """Keep those whose time is over, or ends far later than any that was ever set: the clock was set back."""
        longest = TransactionNow() + 2 * STANDING_HOLD_LIFETIME_MAX
        return self.filter(Q(ends_at__lte=TransactionNow()) | Q(ends_at__gt=longest))


class StandingHold(Group):
    """New signatures of a group are held when they are confirmed; those that are there already stay as they are."""

    # Of a name without accents, capitals and the order of its words, made as the domain mark is.
    name_key = models.BinaryField(max_length=33, null=True, editable=False)
    # Empty for the worker.
    actor = models.ForeignKey("signatures.Organiser", on_delete=models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField(db_default=TransactionNow())
    ends_at = models.DateTimeField()

    objects = StandingHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(domain_key__isnull=False)
                | Q(name_key__isnull=False)
                | ~Q(country="")
                | ~Q(language="")
                | ~Q(visibility="")
                | Q(text_version__isnull=False),
                name="standing_hold_not_of_everybody",
            ),
        ]
        indexes = [models.Index("petition", "ends_at", name="standing_hold_in_force")]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the signers."""
        return f"{self.pk}"
