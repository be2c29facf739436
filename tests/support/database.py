"""Inspects the database directly, as somebody with a copy of it would, and shifts stored times."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from signatures.models import Attempt, OutgoingMail
from tests.support.serving_role import in_own_role

Result = TypeVar("Result")
THREAD_SECONDS_MAX = 60


def query(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows; with the tests' own role, where TEST_ROLE lets them run with another."""
    with in_own_role(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def refuses(statement: str, *values: Any, by: str) -> None:
    """Assert that the database refuses a statement, with the given constraint or message."""
    with pytest.raises(DatabaseError, match=by), transaction.atomic():
        query(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE", values)


def tables() -> list[str]:
    """Return the names of all tables, those of Django included."""
    rows = query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [name for (name,) in rows]


def rows_per_table() -> dict[str, int]:
    """Return the number of rows of each table."""
    return {name: query(f'SELECT count(*) FROM "{name}"')[0][0] for name in tables()}  # noqa: S608


def rows_written(before: dict[str, int]) -> dict[str, int]:
    """Return the change in the number of rows of each table."""
    return {name: count - before[name] for name, count in rows_per_table().items() if count != before[name]}


def traces_of(*values: str | bytes) -> list[str]:
    """Return every ``table.column`` of the database that contains one of the values.

    Searches each column as text, whatever its type, case-insensitively: for the value itself, and for the hexadecimal
    of its UTF-8 bytes, which is how PostgreSQL prints bytea.
    """
    columns = query(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
    )
    needles = []
    for value in values:
        data = value.encode() if isinstance(value, str) else value
        needles.append(data.hex())
        if isinstance(value, str):
            # As in plain columns, and as escaped in JSON and in arrays of texts.
            needles += [value, json.dumps(value)[1:-1]]
    found = []
    for table, column in columns:
        conditions = " OR ".join(f'position(lower(%s) IN lower("{column}"::text)) > 0' for _ in needles)
        if query(f'SELECT 1 FROM "{table}" WHERE {conditions} LIMIT 1', needles):  # noqa: S608
            found.append(f"{table}.{column}")
    return found


LITERAL = re.compile(r"'(?:[^']|'')*'(?:::\w+(?:\[\])?)?|\b\d+\b")


def statements(queries: CaptureQueriesContext) -> list[str]:
    """Return the executed statements with their values removed."""
    return [LITERAL.sub("?", executed["sql"]) for executed in queries.captured_queries]


def let_attempts_grow_old(by: timedelta) -> None:
    """Move the times of all attempts into the past; needed since they go by the database's clock."""
    Attempt.objects.update(
        created_at=F("created_at") - by, expires_at=F("expires_at") - by, confirmed_at=F("confirmed_at") - by
    )


def let_mails_grow_old(by: timedelta) -> None:
    """Move the times of all mails into the past."""
    OutgoingMail.objects.update(
        created_at=F("created_at") - by,
        next_attempt_at=F("next_attempt_at") - by,
        claimed_until=F("claimed_until") - by,
    )


def at_once(*jobs: Callable[[], Result]) -> list[Result]:
    """Run each job in a thread with its own connection, all starting together, and return their results."""
    barrier = threading.Barrier(len(jobs))
    results: dict[int, Result] = {}
    errors: list[BaseException] = []

    def run(number: int, job: Callable[[], Result]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(THREAD_SECONDS_MAX)
            results[number] = job()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread of the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(THREAD_SECONDS_MAX)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    if errors:
        raise errors[0]
    return [results[number] for number in range(len(jobs))]


def rows_read(node: dict[str, Any]) -> float:
    """Return how many rows of signatures a plan has read, including those filtered out."""
    here = 0.0
    if node.get("Relation Name") == "signatures_signature":
        here = node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    return here + sum(rows_read(child) for child in node.get("Plans", []))
