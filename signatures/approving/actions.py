"""Ask a second person, take that back, agree or refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.approving.gate import APPROVAL, Act
from signatures.approving.second_person import may_still, ties, who_let_in
from signatures.models import Approval, Organiser, Petition
from signatures.models.choices import ApprovalKind, ApprovalStage, AuditAction

# In the details of an agreement: who has given access to both accounts lately.
BOTH_LET_IN_BY = "both_let_in_by"
FOUR_EYES = ("four_eyes", "four_eyes_from")


def ask_second_person(*, act: Act, actor: Organiser) -> Approval:
    """Store a request for an act, or return the one for exactly the same that is open already.

    :raises PermissionDenied: if the actor has lost the right to the act
    """
    with transaction.atomic():
        # Two tabs ask once.
        petition = Petition.objects.select_for_update(no_key=True).get(pk=act.petition_id)
        if not may_still(actor.pk, act.kind, petition.pk):
            raise PermissionDenied
        same = Approval.objects.open().filter(petition=petition, kind=act.kind, digest=act.digest, asked_by=actor.pk)
        found = same.order_by("-pk").first()
        if found is not None:
            return found
        approval = Approval.objects.create(
            petition=petition,
            kind=act.kind,
            what=act.canonical,
            digest=act.digest,
            target=act.target,
            amount=act.amount,
            reason=act.reason,
            asked_by=actor,
        )
        _record(AuditAction.APPROVAL_ASKED, approval, actor, reason=act.reason, digest=act.digest)
    return approval


def take_back(*, pk: int, actor: Organiser) -> None:
    """Take back a request, or an agreement that was not used.

    :raises PermissionDenied: if somebody else has asked
    :raises ValidationError: if it is over already
    """
    with transaction.atomic():
        approval = _locked(pk)
        if approval.asked_by_id != actor.pk:
            raise PermissionDenied
        if approval.stage not in (ApprovalStage.WAITING, ApprovalStage.AGREED):
            raise ValidationError(_("It is over already."))
        Approval.objects.filter(pk=pk).update(taken_back_at=TransactionNow())
        _record(AuditAction.APPROVAL_REFUSED, approval, actor, taken_back=True)


def agree(*, pk: int, digest: str, actor: Organiser) -> Approval:
    """Agree to an act as the second person; where a petition asks less often from then on, that holds at once.

    :param digest: of what the second person has read
    :raises PermissionDenied: if the actor may not do such a thing
    :raises ValidationError: if it is over, was decided on, or these two are not two people
    """
    with transaction.atomic():
        approval = _to_decide(pk, actor)
        if approval.digest != digest:
            raise ValidationError(_("This is not what you have read. Please look at it again."))
        Approval.objects.filter(pk=pk).update(decided_by=actor, decided_at=TransactionNow(), agreed=True)
        host = who_let_in(approval.asked_by_id, actor.pk)
        told: dict[str, Any] = {BOTH_LET_IN_BY: host.pk} if host is not None else {}
        _record(AuditAction.APPROVAL_GIVEN, approval, actor, digest=approval.digest, **told)
        if approval.kind == ApprovalKind.SETTING:
            Approval.objects.filter(pk=pk).update(used_at=TransactionNow())
            _ask_less_often(approval, actor)
    return approval


def refuse(*, pk: int, reason: str, actor: Organiser) -> None:
    """Refuse an act as the second person.

    :raises PermissionDenied: if the actor may not do such a thing
    :raises ValidationError: if it is over, was decided on, or these two are not two people
    """
    with transaction.atomic():
        approval = _to_decide(pk, actor)
        Approval.objects.filter(pk=pk).update(
            decided_by=actor, decided_at=TransactionNow(), agreed=False, why_refused=reason
        )
        _record(AuditAction.APPROVAL_REFUSED, approval, actor, reason=reason)


def ask_less_often_by_command(*, petition: Petition, reason: str) -> None:
    """Switch the second person off from the server, where nobody is left who could agree."""
    with transaction.atomic():
        _allow_by_command()
        Petition.objects.filter(pk=petition.pk).update(four_eyes=False)
        auditing.record(
            actor=None,
            action=AuditAction.PETITION_CHANGED,
            petition=petition,
            target=petition.pk,
            reason=reason,
            details={"fields": ["four_eyes"]},
        )


def asked_less_often(before: Petition, four_eyes: bool, rows: int) -> bool:  # noqa: FBT001 - the two new values
    """Return whether new values of the setting let fewer acts wait than those before."""
    return before.four_eyes and (not four_eyes or rows > before.four_eyes_from)


def setting_act(petition: Petition, four_eyes: bool, rows: int) -> Act:  # noqa: FBT001 - the two new values
    """Return the act of changing the setting of a petition."""
    return Act(petition.pk, ApprovalKind.SETTING, dict(zip(FOUR_EYES, (four_eyes, rows), strict=True)))


def _ask_less_often(approval: Approval, actor: Organiser) -> None:
    wanted = approval.parameters["what"]
    Petition.objects.filter(pk=approval.petition_id).update(**{name: wanted[name] for name in FOUR_EYES})
    auditing.record(
        actor=actor,
        action=AuditAction.PETITION_CHANGED,
        petition=approval.petition,
        target=approval.petition_id,
        details={"fields": list(FOUR_EYES), **wanted, APPROVAL: approval.pk},
    )


def _allow_by_command() -> None:
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT set_config('signatures.by_command', 'on', true)")


def _locked(pk: int) -> Approval:
    # The petition first, as everywhere.
    number = Approval.objects.values_list("petition", flat=True).get(pk=pk)
    Petition.objects.select_for_update(no_key=True).get(pk=number)
    approval: Approval = Approval.objects.select_for_update(of=("self",)).select_related("petition").get(pk=pk)
    # The stage of the row as it is now, not as it was before the lock was waited for.
    return Approval.objects.with_stage().select_related("petition").get(pk=approval.pk)


def _to_decide(pk: int, actor: Organiser) -> Approval:
    approval = _locked(pk)
    kind = ApprovalKind(approval.kind)
    if approval.asked_by_id == actor.pk or not may_still(actor.pk, kind, approval.petition_id):
        raise PermissionDenied
    if approval.stage != ApprovalStage.WAITING:
        raise ValidationError(_("It is over already, or somebody else has decided."))
    if not may_still(approval.asked_by_id, kind, approval.petition_id):
        raise ValidationError(_("Who asked may not do this any more, so that nobody can agree to it."))
    if approval.asked_by_id in ties(actor):
        raise ValidationError(_("These two accounts may be in one hand: somebody else must decide."))
    return approval


def _record(action: AuditAction, approval: Approval, actor: Organiser, reason: str = "", **facts: Any) -> None:
    details: Mapping[str, Any] = {"kind": approval.kind, **facts}
    auditing.record(
        actor=actor,
        action=action,
        petition=approval.petition,
        target=approval.pk,
        amount=approval.amount,
        reason=reason,
        details=dict(details),
    )
