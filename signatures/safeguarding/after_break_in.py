"""Ends at once whatever lets somebody in at the desk without logging in anew, after a break-in."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from signatures.auditing import record
from signatures.models import AccessLink, Organiser, Session
from signatures.models.choices import AuditAction


@dataclass(frozen=True)
class Ended:
    """How much was ended."""

    sessions: int
    links: int


def end_logins() -> Ended:
    """End all sessions, with the challenges of passkeys in them, and all links for passwords that were not used."""
    sessions, _ = Session.objects.all().delete()
    links, _ = AccessLink.objects.filter(used_at__isnull=True).delete()
    return Ended(sessions, links)


@transaction.atomic
def end_everything(*, reason: str, actor: Organiser | None) -> Ended:
    """End all logins, on record.

    :param actor: None for the command
    """
    ended = end_logins()
    details = {"sessions": ended.sessions, "links": ended.links}
    record(actor=actor, action=AuditAction.SECRETS_ROTATED, reason=reason, details=details)
    return ended
