"""Whether the database can take what signing writes, found out without leaving anything behind."""

from __future__ import annotations

import uuid

from django.db import Error, connection, transaction

# Rolled back. The rows of the series do not fit into the memory they may use, so that PostgreSQL writes some 400 kB
# into a new file beside its tables: on a full disk nothing else fails for certain, since tables have free places.
WRITE = """
SET LOCAL statement_timeout = '2s'; SET LOCAL lock_timeout = '1s';
SET LOCAL work_mem = '64kB'; SET LOCAL temp_tablespaces = '';
INSERT INTO signatures_workerbeat (worker, beat_at) VALUES (%s, '-infinity');
SELECT count(*) FROM generate_series(1, 20000)
"""


def writing_failure() -> Error | None:
    """Return the error that writing ends with, or None: a full disk, a standby, a role without rights.

    :raises django.db.Error: if the database cannot be reached
    """
    connection.ensure_connection()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(WRITE, [uuid.uuid4()])
            transaction.set_rollback(True)
    except Error as error:
        return error
    return None
