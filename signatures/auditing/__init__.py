"""The audit log: written in the caller's transaction, sealed afterwards in a chain that can be checked."""

from __future__ import annotations

from typing import Any

from signatures.models import AuditEntry, Organiser, Petition
from signatures.models.choices import AuditAction


def record(
    *,
    actor: Organiser | None,
    action: AuditAction,
    petition: Petition | int | None = None,
    target: int | None = None,
    amount: int | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry to the audit log.

    :param actor: the organiser, or None for a command or the worker
    :param petition: the petition, or its number
    :param target: primary key of the affected row
    :param amount: number of affected rows
    :param details: facts such as sizes and digests, never a signer's personal data
    """
    return AuditEntry.objects.create(
        actor=actor,
        action=action,
        petition_id=petition.pk if isinstance(petition, Petition) else petition,
        target=target,
        amount=amount,
        reason=reason,
        details=details or {},
    )
