"""Copies what triggers have noted into the journal: each process its own before it answers, the worker what is left.

A row that was copied twice is the same entry; one that was not copied yet is still in the database.

The newest row always stays, so that the highest number never falls: a copy of the database that lacks what the journal
knows has a lower one (``gate.py``). A sequence would not do: after a crash PostgreSQL lets it go on up to 32 numbers
further. So that nothing of a person stays with it, that row is one about nothing as soon as the worker comes round.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, transaction

from signatures.journaling.entries import NOTHING, Entry
from signatures.journaling.files import JOURNAL

# What this connection has noted. What was copied the time before goes by the same statement, which nobody waits for the
# disk for: if it comes back, it is copied once more.
TAKE = """
WITH quick AS MATERIALIZED (SELECT CASE WHEN %(alone)s THEN set_config('synchronous_commit', 'off', true) END),
gone AS (
    DELETE FROM signatures_erasure USING quick
    WHERE id = ANY (%(copied)s::bigint[]) AND backend = pg_backend_pid()
        AND id < (SELECT max(id) FROM signatures_erasure)
)
SELECT id, about, row_id, is_gone, facts, noted_at FROM signatures_erasure
WHERE id <> ALL (%(copied)s::bigint[]) AND (
    backend = pg_backend_pid()
    -- Of a process that was killed before it copied: whoever presses the button again is answered for both.
    OR about <> %(nothing)s
        AND NOT EXISTS (SELECT FROM pg_stat_activity AS alive WHERE alive.pid = signatures_erasure.backend))
ORDER BY id
"""
# Of the newest row, too, in the transaction that deletes it.
FOLLOW = """
INSERT INTO signatures_erasure (about)
SELECT %(nothing)s FROM (SELECT * FROM signatures_erasure ORDER BY id DESC LIMIT 1) AS newest
WHERE about <> %(nothing)s AND (backend = pg_backend_pid() OR noted_at < now() - interval '5 seconds')
"""
# Of processes that were killed before they copied, and what nobody has come back to delete.
LEFT = """
DELETE FROM signatures_erasure WHERE id IN (
    SELECT id FROM signatures_erasure
    WHERE (backend = pg_backend_pid() OR noted_at < now() - interval '5 seconds')
        AND id < (SELECT max(id) FROM signatures_erasure)
    ORDER BY id LIMIT %(amount)s)
RETURNING id, about, row_id, is_gone, facts, noted_at
"""
SWEPT_AT_ONCE = 5_000
View = TypeVar("View", bound=Callable[..., Any])
_of_thread = threading.local()


def copy_own() -> None:
    """Copy what this connection has noted since the last time, and return when it is on the disk.

    :raises JournalUnwritableError: if it is not; it stays in the database, from where it is copied later
    """
    copied: list[int] = getattr(_of_thread, "copied", [])
    values: dict[str, str | bool] = {
        # As one literal, so that the statement is the same however many there are.
        "copied": "{" + ",".join(map(str, copied)) + "}",
        "alone": not connection.in_atomic_block,
        "nothing": NOTHING,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        entries = [_entry(row) for row in cursor.fetchall()]
    # The last may still be there, as the newest of all.
    _of_thread.copied = copied[-1:]
    if entries:
        JOURNAL.add(entries)
        _of_thread.copied += [one.number for one in entries]


def sweep() -> int:
    """Copy whatever others have left, delete it from the database, and return how many entries that were."""
    swept = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(FOLLOW, {"nothing": NOTHING})
            cursor.execute(LEFT, {"amount": SWEPT_AT_ONCE})
            entries = sorted((_entry(row) for row in cursor.fetchall()), key=lambda one: one.number)
            if entries:
                # On the disk before this commits.
                JOURNAL.add(entries)
        swept += len(entries)
        if len(entries) < SWEPT_AT_ONCE:
            return swept


def _entry(row: tuple[int, str, int | None, bool, str, datetime]) -> Entry:
    number, about, row_id, is_gone, facts, at = row
    return Entry(number, about, row_id, is_gone, json.loads(facts), at)


def journals_itself(view: View) -> View:
    """Mark a view whose actions copy what they erase, or that erases nothing: nothing is copied after it."""
    view.journals_itself = True  # type: ignore[attr-defined]
    return view
