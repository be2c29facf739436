"""An organiser's decisions on single signatures: whether they count, and whether their reason is shown."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import Organiser, Signature
from signatures.models.choices import AuditAction, SignatureState, StateReason, TallyKind
from signatures.moderating.removing import check_removing_one

ACTIONS = {
    SignatureState.CONFIRMED: AuditAction.SIGNATURE_RESTORED,
    SignatureState.HELD: AuditAction.SIGNATURE_HELD,
    SignatureState.REMOVED: AuditAction.SIGNATURE_REMOVED,
}


def move_signature(
    *,
    pk: int,
    to: SignatureState,
    reason: StateReason | None,
    actor: Organiser,
    only_from: SignatureState | None = None,
) -> tuple[SignatureState, StateReason | None]:
    """Hold a signature, remove it, or let it count (again), and write the tally.

    :param reason: why it doesn't count; None if and only if it does
    :param only_from: the state that it must be in, where an earlier decision is taken back
    :returns: state and reason as they were before
    :raises Signature.DoesNotExist: if its signer has withdrawn it meanwhile
    :raises ValidationError: if it is in that state already, or not in the one it must be in, or if a second person must
        agree first
    """
    with transaction.atomic():
        # Signatures before tallies, as everywhere: a repair locks the two tables in this order.
        signature = Signature.objects.select_for_update().get(pk=pk)
        if signature.state == to:
            raise ValidationError(_("It is in this state already: somebody else was faster."))
        if only_from is not None and signature.state != only_from:
            raise ValidationError(_("It was decided on anew since then: nothing is taken back."))
        if to == SignatureState.REMOVED:
            check_removing_one(signature.petition_id, actor)
        before = _decision_on(signature)
        event = event_of(signature, to, reason)
        signature.state, signature.state_reason = to, reason
        if to == SignatureState.CONFIRMED:
            signature.ever_counted = True
            # Hand-overs of what is new include it. Greatest, since a later confirmation may have been stored already.
            signature.current_since = Greatest(F("current_since"), TransactionNow())
        signature.save(update_fields=["state", "state_reason", "ever_counted", "current_since"])
        if event is not None:
            write_tally(signature.petition_id, [event])
        auditing.record(
            actor=actor,
            action=ACTIONS[to],
            petition=signature.petition,
            target=pk,
            amount=1,
            reason=reason.value if reason else "",
        )
    return before


def _decision_on(signature: Signature) -> tuple[SignatureState, StateReason | None]:
    reason = StateReason(signature.state_reason) if signature.state_reason else None
    return SignatureState(signature.state), reason


def event_of(signature: Signature, to: SignatureState, reason: StateReason | None) -> Event | None:
    """Return the tally event for a move, or None between held and removed, which doesn't change the count."""
    dimensions = Dimensions.of(signature)
    if to == SignatureState.CONFIRMED:
        return Event(TallyKind.RESTORED if signature.ever_counted else TallyKind.CONFIRMED, dimensions)
    if signature.state == SignatureState.CONFIRMED:
        return Event(TallyKind.REMOVED, dimensions, reason)
    return None


def approve_reason(*, pk: int, seen: str, actor: Organiser) -> None:
    """Approve a signer's reason, so that it is shown beside the name.

    :param seen: the reason that the organiser has read; its signer may have replaced it
    :raises Signature.DoesNotExist: if its signer has withdrawn it meanwhile
    :raises ValidationError: if the reason has changed
    """
    with transaction.atomic():
        signature = _with_reason(pk, seen)
        signature.reason_approved = True
        signature.save(update_fields=["reason_approved"])
        _record(signature, AuditAction.REASON_APPROVED, actor)


def erase_reason(*, pk: int, seen: str, actor: Organiser) -> None:
    """Erase a signer's reason, approved or not; the signature is otherwise unchanged.

    :param seen: the reason that the organiser has read
    :raises Signature.DoesNotExist: if its signer has withdrawn it meanwhile
    :raises ValidationError: if the reason has changed
    """
    with transaction.atomic():
        signature = _with_reason(pk, seen)
        signature.reason, signature.reason_approved = None, False
        signature.save(update_fields=["reason", "reason_approved"])
        _record(signature, AuditAction.REASON_ERASED, actor)


def _with_reason(pk: int, seen: str) -> Signature:
    signature = Signature.objects.select_for_update().get(pk=pk)
    if signature.reason is None or signature.reason != seen:
        raise ValidationError(_("The reason has changed since you opened this page. Please read it again."))
    return signature


def _record(signature: Signature, action: AuditAction, actor: Organiser) -> None:
    auditing.record(actor=actor, action=action, petition=signature.petition, target=signature.pk, amount=1)
