"""Counts mails exactly, however many workers do so at once; no counter is ever written to the write-ahead log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection

from signatures.safeguarding.mail_limits import Counter

# Every worker takes the rows of a whole batch in one order, so that none can lock another out.
LOCK = """
INSERT INTO signatures_mailcount AS old (key, ends_at, amount)
SELECT key, ends_at, 0 FROM unnest(%s::bytea[], %s::timestamptz[]) AS new (key, ends_at) ORDER BY key
ON CONFLICT (key) DO UPDATE SET amount = old.amount
RETURNING key, amount
"""
STORE = """
UPDATE signatures_mailcount AS old SET amount = new.amount
FROM unnest(%s::bytea[], %s::integer[]) AS new (key, amount) WHERE old.key = new.key
"""
TAKE_BACK = """
WITH locked AS (SELECT key FROM signatures_mailcount WHERE key = ANY (%s::bytea[]) ORDER BY key FOR UPDATE)
UPDATE signatures_mailcount AS old SET amount = greatest(old.amount - new.amount, 0)
FROM locked, unnest(%s::bytea[], %s::integer[]) AS new (key, amount)
WHERE old.key = locked.key AND old.key = new.key
"""


def lock_amounts(counters: Iterable[Counter]) -> dict[bytes, int]:
    """Return how far each counter has come, and keep others from counting until the transaction ends."""
    ends = {counter.key: counter.ends_at for counter in counters}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [list(ends), list(ends.values())])
        return {bytes(key): amount for key, amount in cursor.fetchall()}


def store_amounts(amounts: Mapping[bytes, int]) -> None:
    """Write how far counters have come that are locked."""
    with connection.cursor() as cursor:
        cursor.execute(STORE, [list(amounts), list(amounts.values())])


def take_back(amounts: Mapping[bytes, int]) -> None:
    """Take mails that have not left out of their counters; those whose window is over are gone."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, [list(amounts), list(amounts), list(amounts.values())])
