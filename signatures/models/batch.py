"""Batch: a rule that is carried out step by step, and what undoing it needs to know."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from signatures.models.approval import Approval
from signatures.models.choices import ApprovalKind, BatchAction, BatchStage, NameReview, SignatureState, StateReason
from signatures.models.clock import over
from signatures.models.rule import Group, Rule
from signatures.models.signature import NOT_COUNTED

DRAFTS = [BatchStage.COUNTING, BatchStage.READY]
AT_WORK = [BatchStage.COUNTING, BatchStage.RUNNING, BatchStage.UNDOING]
OVER = [BatchStage.DONE, BatchStage.CANCELLED, BatchStage.UNDOING, BatchStage.UNDONE]
NEEDS_REASON = [action for action in BatchAction if action.needs_reason]
# A rule that nobody has decided on is forgotten with the words and marks in it.
DRAFT_LIFETIME = timedelta(days=1)
CONDITIONS = [field.attname for field in Rule._meta.fields]
GROUP_CONDITIONS = [field.attname for field in Group._meta.fields]


class BatchQuerySet(models.QuerySet["Batch"]):
    """Queries for rules being carried out."""

    def at_work(self) -> BatchQuerySet:
        """Keep those with work for the worker, first those that an organiser waits for before deciding."""
        counting_first = Case(When(stage=BatchStage.COUNTING, then=Value(0)), default=Value(1))
        return self.filter(stage__in=AT_WORK).order_by(counting_first, "pk")

    def forgotten(self) -> BatchQuerySet:
        """Keep those that nobody has decided on for a day, and that wait for no second person."""
        asked = Approval.objects.open().filter(
            petition=OuterRef("petition"), kind=ApprovalKind.REMOVE, target=OuterRef("pk")
        )
        return self.filter(~Exists(asked), stage__in=DRAFTS).filter(over("made_at", DRAFT_LIFETIME))


class Batch(Rule):
    """A rule, what it does, and how far it is; it concerns the signatures that were there when it was made."""

    actor = models.ForeignKey("signatures.Organiser", on_delete=models.PROTECT, related_name="+")
    action = models.CharField(_("what"), max_length=10, choices=BatchAction.choices, blank=True, default="")
    reason = models.CharField(_("why"), max_length=10, choices=StateReason.choices, blank=True, default="")
    stage = models.CharField(max_length=9, choices=BatchStage.choices, default=BatchStage.COUNTING)
    # The numbers of the signatures that it is about, and the last one that has been looked at.
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    cursor = models.BigIntegerField()
    # Of those that match: how many there are, count, are held, and have chosen to show their names to everyone.
    matched = models.BigIntegerField(default=0)
    matched_counting = models.BigIntegerField(default=0)
    matched_held = models.BigIntegerField(default=0)
    matched_public = models.BigIntegerField(default=0)
    # Some of them, picked at random, to be looked at before deciding.
    sample = ArrayField(models.BigIntegerField(), default=list)
    changed = models.BigIntegerField(default=0)
    # Undone, or left since somebody has decided again, or withdrawn.
    restored = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)
    # What is erased once the rule is over is still told as a condition.
    has_name = models.BooleanField(default=False)
    has_domain = models.BooleanField(default=False)
    # Whether it keeps to the rows that matched when it was counted (CountedRow).
    keeps_rows = models.BooleanField(default=False, db_default=False)
    made_at = models.DateTimeField(db_default=TransactionNow())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=BatchStage.values), name="batch_stage_known"),
            models.CheckConstraint(
                condition=Q(stage__in=DRAFTS, action="")
                | (~Q(stage__in=DRAFTS) & Q(action__in=BatchAction.values, started_at__isnull=False)),
                name="batch_started_with_action",
            ),
            models.CheckConstraint(
                condition=Q(action__in=NEEDS_REASON, reason__in=StateReason.values)
                | (~Q(action__in=NEEDS_REASON) & Q(reason="")),
                name="batch_reason_of_action",
            ),
            # Nor can it be run again without them: it would be about more signatures than it was.
            models.CheckConstraint(
                condition=~Q(stage__in=OVER) | Q(name="", domain_key__isnull=True), name="batch_over_keeps_no_words"
            ),
            models.CheckConstraint(
                condition=Q(stage__in=OVER)
                | ((Q(has_name=False) | ~Q(name="")) & (Q(has_domain=False) | Q(domain_key__isnull=False))),
                name="batch_runs_with_its_words",
            ),
            models.CheckConstraint(
                condition=Q(cursor__gte=F("first_id") - 1, cursor__lte=F("last_id")), name="batch_cursor_in_range"
            ),
        ]
        indexes = [
            models.Index("petition", F("id").desc(), name="batch_of_petition"),
            models.Index("id", name="batch_at_work", condition=Q(stage__in=AT_WORK)),
        ]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the signers."""
        return f"{self.pk}"

    @property
    def is_group(self) -> bool:
        """Return whether new signatures can be checked against it before they are stored."""
        given = [name for name in CONDITIONS if getattr(self, name) not in ("", None) and name != "petition_id"]
        return bool(given) and set(given) <= set(GROUP_CONDITIONS)

    @property
    def takes_removed(self) -> bool:
        """Return whether it also changes what was removed: only if it was asked for, or each was chosen by hand."""
        return self.state == SignatureState.REMOVED or self.signature_ids is not None

    @property
    def takes_hidden(self) -> bool:
        """Return whether it also shows names that were hidden, likewise."""
        return self.name_review == NameReview.HIDDEN or self.signature_ids is not None

    def would_change(self, action: BatchAction) -> int:
        """Return how many signatures an action changes, of names at most so many."""
        removed = self.matched - self.matched_counting - self.matched_held if self.takes_removed else 0
        return {
            BatchAction.HOLD: self.matched_counting + removed,
            BatchAction.REMOVE: self.matched_counting + self.matched_held,
            BatchAction.COUNT: self.matched_held + removed,
            BatchAction.SHOW_NAMES: self.matched_public,
            BatchAction.HIDE_NAMES: self.matched_public,
        }[action]

    def would_add(self, action: BatchAction) -> int:
        """Return how many signatures more an action makes count, negative if fewer."""
        if action.needs_reason:
            return -self.matched_counting
        return self.would_change(action) if action == BatchAction.COUNT else 0

    @property
    def percent(self) -> int:
        """Return how much of the work of its stage is done."""
        done, whole = self.cursor - self.first_id + 1, self.last_id - self.first_id + 1
        if self.stage == BatchStage.UNDOING:
            done, whole = self.restored + self.left, self.changed
        return 100 * done // whole if whole > 0 else 0

    @property
    def can_be_undone(self) -> bool:
        """Return whether it has changed anything that can be as before again."""
        return self.stage in (BatchStage.DONE, BatchStage.CANCELLED) and self.changed > 0


class BatchRow(models.Model):
    """What a signature was before a rule changed it; gone once that is undone."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rows")
    # No foreign key: the signature may be withdrawn.
    signature_id = models.BigIntegerField()
    state_before = models.CharField(max_length=9, choices=SignatureState.choices)
    reason_before = models.CharField(max_length=10, choices=StateReason.choices, null=True)
    name_review_before = models.CharField(max_length=7, choices=NameReview.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "signature_id"], name="batch_row_once"),
            models.CheckConstraint(
                condition=Q(state_before=SignatureState.CONFIRMED, reason_before__isnull=True)
                | Q(state_before__in=NOT_COUNTED, reason_before__in=StateReason.values),
                name="batch_row_state_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(name_review_before__in=NameReview.values), name="batch_row_review_known"
            ),
        ]

    def __str__(self) -> str:
        """Return the number of the signature."""
        return f"{self.signature_id}"


class CountedRow(models.Model):
    """A signature that matched a rule when it was counted, in a petition where two people decide.

    What the second person agrees to is about these; whatever comes to match later is left alone.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="counted_rows")
    # No foreign key: the signature may be withdrawn.
    signature_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "signature_id"], name="counted_row_once")]

    def __str__(self) -> str:
        """Return the number of the signature."""
        return f"{self.signature_id}"
