"""Erases one signature for a signer who has asked in writing and cannot withdraw: the mailbox is lost, or was none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from signatures import auditing
from signatures.models import Organiser, Signature
from signatures.models.choices import AuditAction, ErasureReason, Visibility
from signatures.signing.changing import erase_stored_row

CHANGED = _("Its signer has confirmed or changed this signature since you opened this page. Please look at it again.")


@dataclass(frozen=True)
class SeenSignature:
    """By what is known whether a signature is still what an organiser has read.

    Name and city change by confirming again, or by lowering.
    """

    last_confirmed_at: datetime
    visibility: Visibility


def erase_signature(*, pk: int, seen: SeenSignature, reason: ErasureReason, actor: Organiser) -> None:
    """Erase a signature exactly as if its signer had withdrawn it.

    :raises Signature.DoesNotExist: if it is gone already
    :raises ValidationError: if its signer has confirmed again or lowered the visibility since it was read
    """
    with transaction.atomic():
        # Not locked here: the statement locks the attempts of its address first, as a confirmation does.
        signature = Signature.objects.select_related("petition").get(pk=pk)
        if SeenSignature(signature.last_confirmed_at, Visibility(signature.visibility)) != seen:
            raise ValidationError(str(CHANGED))
        if not erase_stored_row(signature):
            # Its signer was faster by a moment.
            Signature.objects.only("pk").get(pk=pk)
            raise ValidationError(str(CHANGED))
        auditing.record(
            actor=actor,
            action=AuditAction.SIGNATURE_ERASED,
            petition=signature.petition,
            target=pk,
            amount=1,
            reason=reason.value,
        )
