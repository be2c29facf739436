"""Ends sessions of an account, on record."""

from __future__ import annotations

from django.db import transaction

from signatures.auditing import record
from signatures.models import Organiser
from signatures.models.choices import AuditAction
from signatures.models.session import Session


@transaction.atomic
def end_sessions(
    *, actor: Organiser | None, organiser: Organiser, only: int | None = None, keep: int | None = None
) -> int:
    """End an account's sessions and return how many.

    :param actor: who ends them, or None for a command
    :param only: number of the only session to end, or None for all
    :param keep: number of the session that goes on, that of the browser that asks
    """
    sessions = Session.objects.filter(organiser=organiser)
    if only is not None:
        sessions = sessions.filter(pk=only)
    if keep is not None:
        sessions = sessions.exclude(pk=keep)
    amount, _ = sessions.delete()
    if amount:
        record(actor=actor, action=AuditAction.SESSIONS_ENDED, target=organiser.pk, amount=amount)
    return amount
