"""Rewrites the tables from which data was erased, so that it is gone from the data files too.

PostgreSQL leaves deleted rows in its files until they happen to be overwritten: names stay readable in tables, and
permanently in the index of their words. VACUUM (FULL) rewrites a table and all its indexes.

Only the owner of the tables may do so. The role that serves cannot borrow that right for this one act: VACUUM runs in
no transaction, and so in no function, which could run with its owner's rights (SECURITY DEFINER); and the right to
maintain tables (MAINTAIN) is not there before PostgreSQL 17, and never for the planner's statistics. So where two roles
share the work, a timer rewrites tables as their owner, by the command rewrite_tables.
"""

from __future__ import annotations

import logging
import time
from contextlib import closing, suppress

from django.db import Error, connection
from django.db.backends.utils import CursorWrapper

from signatures.models import HourTally, Rewrite
from signatures.models.database_roles import owns_tables
from signatures.models.rewrite import MARKS, SAMPLES, VALUES

logger = logging.getLogger(__name__)

REWRITE_LOCK = 7_301_002
# While this waits for its lock, everybody else queues behind it: better to give up and retry later.
LOCK_WAIT = "300ms"
TRIES = 3
PAUSE_SECONDS = 1.0
# Rows that other transactions may still see would be copied into the new files.
READERS_WAIT_SECONDS = 2.0
READERS_POLL_SECONDS = 0.05
SESSION = f"""
SET lock_timeout = '{LOCK_WAIT}'; SET statement_timeout = 0; SET synchronous_commit = on;
SET maintenance_work_mem = '128MB'
"""
BEGIN = f"""
SELECT mark, clock_timestamp(), pg_snapshot_xmax(pg_current_snapshot())::text FROM ({MARKS}) AS tables
WHERE name = %(name)s
"""  # noqa: S608 - constants of ours
# Whether everything erased before the transaction with this number is invisible: in this database, on a standby that
# reports what it reads, and to prepared transactions.
UNSEEN = """
SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %(horizon)s::xid8
    AND NOT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)
            AND age(backend_xmin) > age(%(horizon)s::xid8::xid))
    AND NOT EXISTS (SELECT FROM pg_replication_slots WHERE age(xmin) > age(%(horizon)s::xid8::xid))
"""


def rewrite_erased() -> list[str]:
    """Rewrite the tables that are due, and return their names.

    Only one worker does so at a time, and only where its role owns the tables. A blocked table is retried in the
    worker's next round; /-/ready reports tables that have been due for more than a day.
    """
    if not owns_tables():
        Rewrite.objects.add_new()
        return []
    Rewrite.objects.look()
    due = Rewrite.objects.due(quietest_hour=HourTally.objects.quietest_hour())
    if not due:
        return []
    # A separate connection: its settings and its lock end with it, even if the worker is killed.
    own = connection.copy()
    with closing(own), own.cursor() as cursor:
        cursor.execute(SESSION)
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [REWRITE_LOCK])
        if not cursor.fetchone()[0]:
            return []
        done: list[str] = []
        # The same would apply to every other table, and mails wait meanwhile.
        with suppress(StillSeenError):
            done.extend(name for name in due if _rewrite(cursor, name))
        return done


class StillSeenError(Exception):
    """Another transaction may still see erased rows."""


def _rewrite(cursor: CursorWrapper, name: str) -> bool:
    """Rewrite a table and record as of when it is clean; return whether that was possible.

    :raises StillSeenError: if another transaction may still see rows erased there
    """
    for number in range(TRIES):
        if number:
            time.sleep(PAUSE_SECONDS)
        try:
            if _rewrite_once(cursor, name):
                return True
        except Error as error:
            # Logs only the table and the kind of failure; mails must not wait for it.
            logger.info("%s is not rewritten now: %s", name, type(error.__cause__ or error).__name__)
            if cursor.connection.closed:
                break
    return False


def _rewrite_once(cursor: CursorWrapper, name: str) -> bool:
    cursor.execute(BEGIN, {**VALUES, "name": name})
    row = cursor.fetchone()
    if row is None:
        return False
    mark, began_at, horizon = row
    if not _is_unseen(cursor, horizon):
        raise StillSeenError
    before = _file_of(cursor, name)
    cursor.execute(f"VACUUM (FULL) {name}")
    if _file_of(cursor, name) == before:
        # A role that owns neither the table nor the database gets a warning instead of an error.
        return False
    if name != SAMPLES:
        # The planner's statistics may have sampled erased values.
        cursor.execute(f"ANALYZE {name}")
    cursor.execute("UPDATE signatures_rewrite SET clean_at = %s, seen = %s WHERE name = %s", [began_at, mark, name])
    return True


def _is_unseen(cursor: CursorWrapper, horizon: str) -> bool:
    """Wait a while for transactions that may still see erased rows, and return whether none is left."""
    until = time.monotonic() + READERS_WAIT_SECONDS
    while True:
        cursor.execute(UNSEEN, {"horizon": horizon})
        if cursor.fetchone()[0]:
            return True
        if time.monotonic() > until:
            return False
        time.sleep(READERS_POLL_SECONDS)


def _file_of(cursor: CursorWrapper, name: str) -> int | None:
    cursor.execute("SELECT pg_relation_filenode(%s::regclass)", [name])
    found: int | None = cursor.fetchone()[0]
    return found
