"""Writes the audit log, in the caller's transaction."""

from __future__ import annotations

from typing import Any

from signatures.models import AuditEntry, Organiser, Petition
from signatures.models.choices import AuditAction


def record(
    *,
    actor: Organiser | None,
    action: AuditAction,
    petition: Petition | None = None,
    target: int | None = None,
    amount: int | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add a line to the audit log.

    :param actor: the organiser, or None for a command or the worker
    :param target: number of the row concerned
    :param amount: how many rows were concerned
    :param details: facts such as sizes and digests, never anything personal of a signer
    """
    return AuditEntry.objects.create(
        actor=actor,
        action=action,
        petition=petition,
        target=target,
        amount=amount,
        reason=reason,
        details=details or {},
    )
