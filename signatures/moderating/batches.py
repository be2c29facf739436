"""Decisions on all signatures that a rule matches: counted first, carried out by the worker, undone as one."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.models import Batch, CountedRow, Organiser, Petition, Signature, StandingHold, Wave
from signatures.models.batch import CONDITIONS, DRAFTS, GROUP_CONDITIONS
from signatures.models.choices import (
    AuditAction,
    BatchAction,
    BatchStage,
    SignatureState,
    StateReason,
    StopReason,
    Visibility,
)
from signatures.models.rights import organisers_with
from signatures.models.rule import Rule
from signatures.models.rule_search import first_and_last_id, near
from signatures.moderating.removing import agreed_to_remove, agreed_to_undo

SAMPLE_SIZE = 20
# More rows than this are counted by the worker.
COUNTED_AT_ONCE_MAX = 1000
NEW_ONES_HELD_FOR = timedelta(days=7)
UNDO = "UNDO"
STATE_ACTIONS = (BatchAction.HOLD, BatchAction.REMOVE, BatchAction.COUNT)


def rule_from(rule: Rule) -> Batch:
    """Return a rule with the conditions of another, such as those of a wave; it is not stored."""
    copied = {name: getattr(rule, name) for name in CONDITIONS}
    return Batch(**copied, has_name=bool(rule.name), has_domain=rule.domain_key is not None)


def make_batch(*, rule: Rule, actor: Organiser) -> Batch:
    """Store a rule about the signatures that are there now, and count those that match, or let the worker do so.

    :raises ValidationError: if the signers' personal data was erased
    """
    with transaction.atomic():
        petition = Petition.objects.get(pk=rule.petition_id)
        if petition.purged_at is not None:
            raise ValidationError(_("The personal data of its signers was erased already."))
        batch = rule_from(rule)
        batch.actor = actor
        batch.first_id, batch.last_id = first_and_last_id(petition.pk)
        batch.cursor = batch.first_id - 1
        batch.keeps_rows = petition.four_eyes
        numbers = _count_if_few(batch)
        batch.save()
        if batch.keeps_rows:
            CountedRow.objects.bulk_create(CountedRow(batch=batch, signature_id=pk) for pk in numbers)
    return batch


def _count_if_few(batch: Batch) -> list[int]:
    """Count the signatures that match, and return their numbers, or leave it to the worker and return none."""
    there = list(near(batch).order_by().values_list("pk", flat=True)[: COUNTED_AT_ONCE_MAX + 1])
    if len(there) > COUNTED_AT_ONCE_MAX:
        return []
    rows = Signature.objects.all().matching(batch).filter(pk__in=there, pk__lte=batch.last_id)
    found = list(rows.values_list("pk", "state", "visibility"))
    states, choices = Counter(state for _, state, _ in found), Counter(choice for _, _, choice in found)
    batch.matched = len(found)
    batch.matched_counting, batch.matched_held = states[SignatureState.CONFIRMED], states[SignatureState.HELD]
    batch.matched_public = choices[Visibility.PUBLIC]
    numbers = [pk for pk, _, _ in found]
    batch.sample = sorted(secrets.SystemRandom().sample(numbers, min(SAMPLE_SIZE, len(numbers))))
    batch.cursor, batch.stage = batch.last_id, BatchStage.READY
    return numbers


def start_batch(
    *, pk: int, action: BatchAction, reason: StateReason | None, actor: Organiser, holds_new_ones: bool = False
) -> Batch:
    """Let the worker do something with the signatures of a rule that was counted.

    :param reason: why; None if and only if the action needs none
    :param holds_new_ones: whether new signatures like these are held for a week, where that can be checked
    :raises Batch.DoesNotExist: if it was dropped
    :raises ValidationError: if it is not counted yet, or was started already
    :raises NeedsApprovalError: if it removes more than one person may, and a second person must agree first
    """
    with transaction.atomic():
        batch = _locked(pk)
        if batch.stage != BatchStage.READY:
            raise ValidationError(_("This rule was started already, or is still being counted."))
        agreed = agreed_to_remove(batch, reason, actor) if action == BatchAction.REMOVE else {}
        batch.actor, batch.action, batch.reason = actor, action, reason or ""
        batch.stage, batch.cursor = BatchStage.RUNNING, batch.first_id - 1
        batch.started_at = TransactionNow()
        batch.sample = []
        batch.save()
        _record(batch, AuditAction.BATCH_STARTED, actor=actor, amount=batch.matched, details=agreed)
        if action in STATE_ACTIONS:
            # Whoever has decided on all of them has looked.
            waiting = Wave.objects.all().waiting().covered_by(batch)
            waiting.update(looked_at=TransactionNow(), looked_by=actor)
        if holds_new_ones and action == BatchAction.HOLD:
            _hold_new_ones(batch, actor)
    return batch


def _hold_new_ones(batch: Batch, actor: Organiser) -> None:
    if not batch.is_group:
        raise ValidationError(_("New signatures cannot be checked against this rule."))
    hold = StandingHold.objects.create(
        actor=actor,
        ends_at=TransactionNow() + NEW_ONES_HELD_FOR,
        **{name: getattr(batch, name) for name in GROUP_CONDITIONS},
    )
    auditing.record(actor=actor, action=AuditAction.HOLD_STARTED, petition=batch.petition, target=hold.pk)


def cancel_batch(*, pk: int, actor: Organiser) -> Batch | None:
    """Stop a rule where it is, or drop it if nothing was changed yet; return it if there is something to undo.

    :raises Batch.DoesNotExist: if it was dropped
    :raises ValidationError: if it is over already
    """
    with transaction.atomic():
        batch = _locked(pk)
        if batch.stage in DRAFTS:
            batch.delete()
            return None
        if batch.stage != BatchStage.RUNNING:
            raise ValidationError(_("This rule is over already."))
        end_batch(batch, BatchStage.CANCELLED)
        batch.save()
        _record(batch, AuditAction.BATCH_CANCELLED, actor=actor, amount=batch.changed)
    return batch


def undo_batch(*, pk: int, actor: Organiser) -> Batch:
    """Let the worker make every signature that a rule has changed what it was before.

    Those that somebody has decided on again since, or that were withdrawn, are left alone.

    :raises Batch.DoesNotExist: if it was dropped
    :raises ValidationError: if there is nothing to undo
    :raises NeedsApprovalError: if more is removed again than one person may, and a second person must agree first
    """
    with transaction.atomic():
        batch = _locked(pk)
        if not batch.can_be_undone:
            raise ValidationError(_("There is nothing to undo."))
        agreed = agreed_to_undo(batch, actor)
        # By whose right the worker goes on.
        batch.actor, batch.stage = actor, BatchStage.UNDOING
        batch.save()
        details: dict[str, str | int] = {"action": UNDO, "undone": batch.action, **agreed}
        _record(batch, AuditAction.BATCH_STARTED, actor=actor, amount=batch.changed, details=details)
    return batch


def drop_forgotten() -> int:
    """Drop the rules that nobody has decided on for a day, with the words and marks in them; return how many."""
    with transaction.atomic():
        forgotten = Batch.objects.all().forgotten().select_for_update(skip_locked=True)
        dropped, _rows = Batch.objects.filter(pk__in=list(forgotten.values_list("pk", flat=True))).delete()
    return dropped


def end_batch(batch: Batch, stage: BatchStage) -> None:
    """Set the stage of a rule that is over, and erase from it what may be of persons; the caller saves it."""
    batch.stage, batch.name, batch.domain_key, batch.sample = stage, "", None, []
    batch.counted_rows.all().delete()
    batch.finished_at = TransactionNow()


def has_right_still(batch: Batch) -> bool:
    """Return whether whoever started a rule, or undoes it, may still decide on signatures of its petition."""
    return organisers_with("moderate_signatures", batch.petition_id).filter(pk=batch.actor_id).exists()


def break_off(batch: Batch) -> None:
    """Stop a rule where the right to it was lost meanwhile; what it has changed can be undone. The caller saves it."""
    end_batch(batch, BatchStage.CANCELLED)
    _record(
        batch,
        AuditAction.BATCH_CANCELLED,
        actor=None,
        amount=batch.changed,
        details={"broken_off": StopReason.RIGHT_TAKEN.value},
    )


def record_end(batch: Batch) -> None:
    """Record that the worker has carried out a rule, or undone it."""
    if batch.stage == BatchStage.UNDONE:
        _record(batch, AuditAction.BATCH_UNDONE, actor=None, amount=batch.restored, details={"left": batch.left})
    else:
        _record(batch, AuditAction.BATCH_FINISHED, actor=None, amount=batch.changed)


def _record(
    batch: Batch,
    action: AuditAction,
    *,
    actor: Organiser | None,
    amount: int,
    details: Mapping[str, str | int] | None = None,
) -> None:
    auditing.record(
        actor=actor,
        action=action,
        petition=batch.petition,
        target=batch.pk,
        amount=amount,
        reason=batch.reason,
        details={"action": batch.action, **(details or {})},
    )


def _locked(pk: int) -> Batch:
    # The worker holds it for the time of one step.
    return Batch.objects.select_for_update(of=("self",)).select_related("petition").get(pk=pk)
