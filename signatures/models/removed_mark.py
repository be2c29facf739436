"""RemovedMark: what is left of a removed signature that its signer has withdrawn."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from signatures.models.choices import StateReason
from signatures.models.petition import Petition


class RemovedMark(models.Model):
    """An address, known by its key alone, whose signature an organiser had removed: signing again stays removed.

    It goes when the address signs again, since the removed signature says so from then on, or with the purge.
    """

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="+")
    email_key = models.BinaryField(max_length=33)
    reason = models.CharField(max_length=10, choices=StateReason.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "email_key"], name="removed_mark_once"),
            models.CheckConstraint(condition=Q(reason__in=StateReason.values), name="removed_mark_reason_known"),
        ]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the signer."""
        return f"{self.pk}"
