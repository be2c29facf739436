"""Records in the audit log that a file left the site, and how much of it was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

from signatures import auditing
from signatures.models import Organiser, Recipient
from signatures.models.choices import AuditAction


def recorded(
    chunks: Generator[bytes],
    *,
    recipient: Recipient,
    actor: Organiser | None,
    reason: str,
    details: dict[str, Any],
    rows: Callable[[], int],
    more: Callable[[], dict[str, Any]] = dict,
) -> Generator[bytes]:
    """Record that a download starts, and return its chunks.

    The end is recorded when the last chunk was consumed, or when the client closes the generator before.

    :param details: facts for both rows of the log
    :param rows: returns how many rows of names the chunks sent so far contain
    :param more: returns further facts for the row at the end
    """
    auditing.record(
        actor=actor,
        action=AuditAction.EXPORT_STARTED,
        petition=recipient.petition,
        target=recipient.pk,
        reason=reason,
        details=details,
    )
    running = _running(chunks, recipient, actor, rows, more)
    # A generator that was never started would not record its end when closed.
    next(running)
    return running


def _running(
    chunks: Generator[bytes],
    recipient: Recipient,
    actor: Organiser | None,
    rows: Callable[[], int],
    more: Callable[[], dict[str, Any]],
) -> Generator[bytes]:
    digest = hashlib.sha256()
    size = written = 0
    action = AuditAction.EXPORT_ABORTED
    try:
        with closing(chunks):
            yield b""
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                by_its_end = rows()
                yield chunk
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
