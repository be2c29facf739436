"""Whether a connection pooler lends server processes for a transaction only, which loses what belongs to a session."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import Enum
from typing import Any

import psycopg2
from django.db import connection
from psycopg2 import extensions

# For a connection to answer at all: a pool may be exhausted, where a further one waits for minutes.
SECONDS_MAX = 2.0
# A pooler may lend its processes in turn: then one that is asked twice has already changed.
ASKED = 3
PID = "SELECT pg_backend_pid()"


class Pooling(Enum):
    """How statements of one connection reach the database."""

    NONE = "NONE"
    SESSIONS = "SESSIONS"
    TRANSACTIONS = "TRANSACTIONS"
    UNKNOWN = "UNKNOWN"


def pooling_of(seconds: float = SECONDS_MAX) -> Pooling:
    """Return how connections are pooled, by watching which server process answers.

    Only a pooler tells its clients another process than the one that answers. With one, two more connections are
    opened: while one of them holds a transaction, a pool of transactions lends the other a process of its own.

    :param seconds: for everything; after that the answer is UNKNOWN
    :raises django.db.Error: if the database cannot be reached
    """
    with connection.cursor() as cursor:
        cursor.execute(PID)
        if cursor.fetchone()[0] == connection.connection.info.backend_pid:
            return Pooling.NONE
    until = time.monotonic() + seconds
    try:
        with _opened(until) as one, _opened(until) as other:
            pids = {_asked(one, PID, until) for _ in range(ASKED)}
            if not _begins(other, until):
                return Pooling.TRANSACTIONS
            held = _asked(other, PID, until)
            pids |= {_asked(one, PID, until)}
    except (psycopg2.Error, TimeoutError):
        return Pooling.UNKNOWN
    return Pooling.TRANSACTIONS if len(pids) > 1 or held in pids else Pooling.SESSIONS


@contextmanager
def _opened(until: float) -> Iterator[Any]:
    """Open a connection beside Django's that does not block, so that a silent pooler holds nobody."""
    params = connection.get_connection_params()
    named: dict[str, Any] = {key: value for key, value in params.items() if isinstance(value, (str, int))}
    with closing(psycopg2.connect(**named, async_=1)) as opened:
        _wait(opened, until)
        yield opened


def _begins(opened: Any, until: float) -> bool:
    """Begin a transaction; a pool of single statements refuses that, which is even less than one of transactions."""
    try:
        _asked(opened, "BEGIN", until)
    except psycopg2.OperationalError:
        return False
    return True


def _asked(opened: Any, statement: str, until: float) -> int | None:
    with closing(opened.cursor()) as cursor:
        cursor.execute(statement)
        _wait(opened, until)
        return int(cursor.fetchone()[0]) if cursor.description else None


def _wait(opened: Any, until: float) -> None:
    while (state := opened.poll()) != extensions.POLL_OK:
        left = until - time.monotonic()
        reads, writes = ([opened], []) if state == extensions.POLL_READ else ([], [opened])
        if left <= 0 or not any(select.select(reads, writes, [], left)):
            raise TimeoutError
