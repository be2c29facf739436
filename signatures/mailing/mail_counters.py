"""Counts mails exactly across concurrent workers, in an unlogged table: no counter reaches the write-ahead log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection

from signatures.safeguarding.mail_limits import Counter

# Every worker locks the rows of a whole batch in the same order, so that there are no deadlocks.
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
    """Lock counters until the transaction ends, and return the amount of each by key."""
    ends = {counter.key: counter.ends_at for counter in counters}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [list(ends), list(ends.values())])
        return {bytes(key): amount for key, amount in cursor.fetchall()}


def store_amounts(amounts: Mapping[bytes, int]) -> None:
    """Store the amounts of counters that this transaction has locked."""
    with connection.cursor() as cursor:
        cursor.execute(STORE, [list(amounts), list(amounts.values())])


def take_back(amounts: Mapping[bytes, int]) -> None:
    """Subtract unsent mails from their counters; counters that were deleted after their window are skipped."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, [list(amounts), list(amounts), list(amounts.values())])
