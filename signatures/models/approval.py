"""Approval: an act that waits for a second person, exactly as it is to be carried out, and what became of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from signatures.models.audit import REASON_LENGTH_MAX
from signatures.models.choices import ApprovalKind, ApprovalStage
from signatures.models.clock import lately
from signatures.models.petition import Petition

# A request that nobody has answered for so long is void, and so is an agreement that was not used.
WAITS_FOR = timedelta(days=7)
HOLDS_FOR = timedelta(days=1)
UNDECIDED = Q(decided_by__isnull=True, taken_back_at__isnull=True)
UNUSED = Q(agreed=True, used_at__isnull=True, taken_back_at__isnull=True)


class ApprovalQuerySet(models.QuerySet["Approval"]):
    """Queries for requests to a second person."""

    def waiting(self) -> ApprovalQuerySet:
        """Keep those that somebody can still agree to."""
        return self.filter(UNDECIDED, lately("asked_at", WAITS_FOR))

    def usable(self) -> ApprovalQuerySet:
        """Keep those that were agreed to, and can still be carried out."""
        return self.filter(UNUSED, lately("decided_at", HOLDS_FOR))

    def open(self) -> ApprovalQuerySet:
        """Keep those that wait, or can still be carried out."""
        waits = UNDECIDED & lately("asked_at", WAITS_FOR)
        return self.filter(waits | (UNUSED & lately("decided_at", HOLDS_FOR)))

    def with_stage(self) -> ApprovalQuerySet:
        """Annotate ``stage``, the current ApprovalStage."""
        whens = (
            When(used_at__isnull=False, then=Value(ApprovalStage.USED)),
            When(taken_back_at__isnull=False, then=Value(ApprovalStage.TAKEN_BACK)),
            When(agreed=False, then=Value(ApprovalStage.REFUSED)),
            When(UNUSED & lately("decided_at", HOLDS_FOR), then=Value(ApprovalStage.AGREED)),
            When(UNDECIDED & lately("asked_at", WAITS_FOR), then=Value(ApprovalStage.WAITING)),
        )
        stage = Case(*whens, default=Value(ApprovalStage.EXPIRED), output_field=models.CharField())
        return self.annotate(stage=stage)  # type: ignore[no-redef]

    def with_mutual(self) -> ApprovalQuerySet:
        """Annotate ``is_mutual``: whether these two have also agreed the other way round in this petition."""
        back = Approval.objects.filter(
            petition=OuterRef("petition"), asked_by=OuterRef("decided_by"), decided_by=OuterRef("asked_by"), agreed=True
        )
        return self.annotate(is_mutual=Exists(back))  # type: ignore[no-redef]


class Approval(models.Model):
    """A request to a second person; what was asked and what was decided never change (trigger).

    ``what`` holds the parameters of the act as canonical JSON: codes, numbers of rows and times, nothing personal.
    """

    # No foreign key: it is kept after a draft is deleted, as the audit log is.
    petition = models.ForeignKey(
        Petition, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("petition")
    )
    kind = models.CharField(_("what"), max_length=9, choices=ApprovalKind.choices)
    what = models.TextField()
    digest = models.CharField(max_length=64)
    # The row that it is about, where there is one: of a hand-over, a signature or a rule.
    target = models.BigIntegerField(null=True)
    # How many names or signatures it was about when it was asked.
    amount = models.BigIntegerField(null=True)
    reason = models.CharField(_("why"), max_length=REASON_LENGTH_MAX, blank=True, default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=TransactionNow())
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    agreed = models.BooleanField(null=True)
    why_refused = models.CharField(max_length=REASON_LENGTH_MAX, blank=True, default="")
    used_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)

    objects = ApprovalQuerySet.as_manager()

    if TYPE_CHECKING:
        stage: str
        is_mutual: bool

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ApprovalKind.values), name="approval_kind_known"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="approval_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, agreed__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False, agreed__isnull=False),
                name="approval_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(agreed=True, taken_back_at__isnull=True),
                name="approval_used_if_agreed",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True) | Q(agreed__isnull=True) | Q(agreed=True),
                name="approval_refused_stays_refused",
            ),
        ]
        indexes = [
            models.Index("petition", F("id").desc(), name="approval_of_petition"),
            models.Index("target", name="approval_of_target"),
        ]

    def __str__(self) -> str:
        """Return the row's number."""
        return f"{self.pk}"

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the act."""
        found: dict[str, Any] = json.loads(self.what)
        return found
