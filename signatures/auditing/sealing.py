"""Seals what was written to the audit log: lazily, so that nothing that is recorded waits for anything else."""

from __future__ import annotations

import secrets

from django.db import connection, transaction

from signatures.auditing.chain import BEFORE_THE_FIRST, FIELDS, content_of, digest_of
from signatures.models import AuditEntry, AuditSeal

SEAL_LOCK = 7_301_004
SEALED_AT_ONCE = 1000
SALT_BYTES = 16


def seal_entries(*, of_all: bool = False, at_most: int | None = None) -> int:
    """Seal the entries that have no seal yet, and return how many.

    One whose transaction ends later than that of another with a higher number just gets a later place. What other
    processes seal meanwhile is waited for.

    :param of_all: look at every entry for one without a seal, which takes a moment in a long log
    :param at_most: stop after about so many, for somebody who waits; a log from before there were seals may be long
    """
    sealed = 0
    while at_most is None or sealed < at_most:
        number = _seal_block(of_all=of_all)
        sealed += number
        if number < SEALED_AT_ONCE:
            break
    return sealed


def head_digest() -> str | None:
    """Seal what waits, and return the digest of the newest seal, or None if nothing was ever recorded."""
    seal_entries()
    head = AuditSeal.objects.all().head()
    return head.digest if head else None


def _seal_block(*, of_all: bool) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
        head = AuditSeal.objects.all().head()
        number, digest = (head.number, head.digest) if head else (0, BEFORE_THE_FIRST)
        entries = AuditEntry.objects.all().unsealed(of_all=of_all).values_list(*FIELDS)[:SEALED_AT_ONCE]
        seals = []
        for values in entries:
            salt = secrets.token_hex(SALT_BYTES)
            number, digest = number + 1, digest_of(digest, content_of(values, salt))
            seals.append(AuditSeal(number=number, entry_id=values[0], salt=salt, digest=digest))
        AuditSeal.objects.bulk_create(seals)
        return len(seals)
