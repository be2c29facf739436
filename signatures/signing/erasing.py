"""Erases one signature for a signer who has asked in writing and cannot withdraw: the mailbox is lost, or was none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from signatures import auditing
from signatures.approving.gate import require_approval
from signatures.models import EnteredRow, Organiser, Signature
from signatures.models.choices import ApprovalKind, AuditAction, ErasureReason, Source, Visibility
from signatures.signing.changing import erase_stored_row

CHANGED = _("Its signer has confirmed or changed this signature since you opened this page. Please look at it again.")


@dataclass(frozen=True)
class SeenSignature:
    """By what is known whether a signature is still what an organiser has read.

    Name and city change by confirming again, or by lowering.
    """

    last_confirmed_at: datetime
    visibility: Visibility

    def mark(self, pk: int) -> str:
        """Return a mark that changes when the signature does; unlike the time it says nothing once that is erased."""
        facts = f"{pk} {self.last_confirmed_at.timestamp()} {self.visibility.value}"
        return salted_hmac("a signature that two people have looked at", facts, algorithm="sha256").hexdigest()[:32]


def seen_of(signature: Signature) -> SeenSignature:
    """Return by what is known whether a signature is still what it is now."""
    return SeenSignature(signature.last_confirmed_at, Visibility(signature.visibility))


def erase_signature(*, pk: int, seen: SeenSignature, reason: ErasureReason, actor: Organiser) -> None:
    """Erase a signature exactly as if its signer had withdrawn it.

    :raises Signature.DoesNotExist: if it is gone already
    :raises ValidationError: if its signer has confirmed again or lowered the visibility since it was read
    :raises NeedsApprovalError: if a second person must agree first
    """
    with transaction.atomic():
        # Not locked here: the statement locks the attempts of its address first, as a confirmation does.
        signature = Signature.objects.select_related("petition").get(pk=pk)
        if seen_of(signature) != seen:
            raise ValidationError(str(CHANGED))
        agreed = require_approval(
            petition_id=signature.petition_id,
            kind=ApprovalKind.ERASE_ONE,
            what={"signature": pk, "seen": seen.mark(pk)},
            actor=actor,
            reason=reason.value,
            target=pk,
            amount=lambda: 1,
        )
        if not erase_stored_row(signature):
            # Its signer was faster by a moment.
            Signature.objects.only("pk").get(pk=pk)
            raise ValidationError(str(CHANGED))
        if signature.source == Source.PAPER:
            # The paper is still there: without this mark anybody who types it would bring the signature back.
            EnteredRow.objects.filter(signature_id=pk).update(was_erased=True)
        auditing.record(
            actor=actor,
            action=AuditAction.SIGNATURE_ERASED,
            petition=signature.petition,
            target=pk,
            amount=1,
            reason=reason.value,
            details=agreed,
        )
