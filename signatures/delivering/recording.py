"""Records in the audit log that a file left the site, and how much of it was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

from signatures import auditing
from signatures.breaking_off import BrokenOffError, Question, asking, never
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
    stop: Question = never,
) -> Generator[bytes]:
    """Record that a download starts, and return its chunks.

    The end is recorded when the last chunk was consumed, or when the client closes the generator before.

    :param details: facts for both rows of the log
    :param rows: returns how many rows of names the chunks sent so far contain
    :param more: returns further facts for the row at the end
    :param stop: asked between chunks, about once a second; a reason breaks the download off
    """
    auditing.record(
        actor=actor,
        action=AuditAction.EXPORT_STARTED,
        petition=recipient.petition,
        target=recipient.pk,
        reason=reason,
        details=details,
    )
    chunks_allowed = asking(chunks, stop)
    running = _running(chunks_allowed, recipient, actor, rows, more)
    # Generators that were never started would neither record their end nor close what they read, when closed.
    next(chunks_allowed)
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
    why: dict[str, str] = {}
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
    except BrokenOffError as error:
        why = {"broken_off": error.reason.value}
        raise
    finally:
        auditing.record(
            actor=actor,
            action=action,
            petition=recipient.petition,
            target=recipient.pk,
            amount=written,
            details={"bytes": size, "sha256": digest.hexdigest(), **why, **more()},
        )
