"""Exports the audit log as lines of JSON, which anyone can check without this site."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from contextlib import closing
from typing import Any

from django.db import transaction

from signatures.auditing import record
from signatures.auditing.chain import Link, links
from signatures.auditing.sealing import seal_entries
from signatures.breaking_off import BrokenOffError, Question, asking, never
from signatures.canonical import canonical_json
from signatures.models import AuditSeal, Organiser
from signatures.models.choices import AuditAction


def start_log_export(*, actor: Organiser, stop: Question = never) -> tuple[int, Generator[bytes]]:
    """Record that the audit log leaves the site, and return the number of its newest seal and the lines up to it.

    How much of it was sent is recorded when the last line was consumed, or when the client closes the generator before.

    :param stop: asked between lines, about once a second; a reason breaks the export off
    """
    seal_entries(of_all=True)
    with transaction.atomic():
        head = AuditSeal.objects.all().head()
        number, digest = (head.number, head.digest) if head else (0, "")
        record(
            actor=actor, action=AuditAction.LOG_EXPORTED, amount=number, details={"number": number, "digest": digest}
        )
    lines = asking((line_of(link) for link in links(until=number)), stop)
    running = _running(lines, actor, number)
    # Generators that were never started would not record their end when closed.
    next(lines)
    next(running)
    return number, running


def _running(lines: Generator[bytes], actor: Organiser, number: int) -> Generator[bytes]:
    digest = hashlib.sha256()
    size = sent = 0
    why: dict[str, Any] = {}
    try:
        with closing(lines):
            yield b""
            for line in lines:
                digest.update(line)
                size += len(line)
                yield line
                sent += 1
    except BrokenOffError as error:
        why = {"broken_off": error.reason.value}
        raise
    finally:
        record(
            actor=actor,
            action=AuditAction.LOG_EXPORTED,
            amount=sent,
            details={"number": number, "bytes": size, "sha256": digest.hexdigest(), **why},
        )


def line_of(link: Link) -> bytes:
    """Return the line of a sealed entry; the keys stand in the order of the alphabet, as in the entry itself."""
    return b'{"digest":%b,"entry":%b,"number":%d}\n' % (
        json.dumps(link.digest).encode(),
        canonical_json(link.content),
        link.number,
    )
