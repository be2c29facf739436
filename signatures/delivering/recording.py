"""Records in the audit log that a file left the house, and how far it came."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

from signatures import auditing
from signatures.models import Organiser, Recipient
from signatures.models.choices import AuditAction


def recorded(
    pieces: Generator[bytes],
    *,
    recipient: Recipient,
    actor: Organiser | None,
    reason: str,
    details: dict[str, Any],
    rows: Callable[[], int],
    more: Callable[[], dict[str, Any]] = dict,
) -> Generator[bytes]:
    """Record that a file starts, and return it in pieces.

    The end is recorded when the last piece was taken, or when the taker closes the generator before it.

    :param details: facts for both rows
    :param rows: says how many rows of names the pieces handed out so far hold
    :param more: says what else is known at the end
    """
    auditing.record(
        actor=actor,
        action=AuditAction.EXPORT_STARTED,
        petition=recipient.petition,
        target=recipient.pk,
        reason=reason,
        details=details,
    )
    running = _running(pieces, recipient, actor, rows, more)
    # A generator that has not begun would say nothing of its end.
    next(running)
    return running


def _running(
    pieces: Generator[bytes],
    recipient: Recipient,
    actor: Organiser | None,
    rows: Callable[[], int],
    more: Callable[[], dict[str, Any]],
) -> Generator[bytes]:
    digest = hashlib.sha256()
    size = written = 0
    action = AuditAction.EXPORT_ABORTED
    try:
        with closing(pieces):
            yield b""
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                by_its_end = rows()
                yield piece
                written = by_its_end
        action = AuditAction.EXPORT_FINISHED
    finally:
        auditing.record(
            actor=actor,
            action=action,
            petition=recipient.petition,
            target=recipient.pk,
            amount=written,
            details={"bytes": size, "sha256": digest.hexdigest(), **more()},
        )
