"""RemovedMark: what remains of a removed or held signature after its signer has withdrawn it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from signatures.models.choices import SignatureState, StateReason
from signatures.models.petition import Petition


class RemovedMark(models.Model):
    """An address, stored as its key only, whose signature an organiser had stopped: signing again does not undo that.

    It is deleted when the address signs again, since the new signature takes over its state, or by the purge.
    """

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="+")
    email_key = models.BinaryField(max_length=33)
    # The state and the reason that a new signature of the address gets.
    state = models.CharField(
        max_length=9, choices=SignatureState.choices, db_default=models.Value(SignatureState.REMOVED)
    )
    reason = models.CharField(max_length=10, choices=StateReason.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "email_key"], name="removed_mark_once"),
            models.CheckConstraint(condition=Q(reason__in=StateReason.values), name="removed_mark_reason_known"),
            models.CheckConstraint(
                condition=Q(state=SignatureState.REMOVED)
                | (Q(state=SignatureState.HELD) & ~Q(reason=StateReason.HONEYPOT)),
                name="removed_mark_of_a_decision",
            ),
        ]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the signer."""
        return f"{self.pk}"
