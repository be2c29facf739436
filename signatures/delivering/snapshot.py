"""Reads the database as it is at one moment, over a connection of its own."""

from __future__ import annotations

import io
import threading
from collections.abc import Generator
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

FETCHED_ROWS = 2000
# A block of a list is sorted without the disk.
SORT_MEMORY = "16MB"


class Snapshot:
    """One state of the database from the first query to the last; whoever opens it closes it."""

    def __init__(self) -> None:
        """Connect; the state is that of the first query."""
        # Whoever lets go of a list closes this while a thread may be reading the next block.
        self._busy = threading.Lock()
        self._own = connection.copy()
        self._own.ensure_connection()
        self._raw = self._own.connection
        self._raw.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True, autocommit=False)
        with self._raw.cursor() as cursor:
            cursor.execute("SET work_mem = %s", [SORT_MEMORY])

    def close(self) -> None:
        """End the transaction and the connection."""
        with self._busy:
            self._own.close()

    def statement(self, rows: QuerySet[Any, Any]) -> sql.SQL:
        """Return the SELECT of a query set, to be run here alone or as a part of another statement."""
        text, values = rows.query.get_compiler(connection=self._own).as_sql()
        # Not over Django's cursor, which belongs to one thread.
        with self._raw.cursor() as cursor:
            return sql.SQL(cursor.mogrify(text, values).decode())

    def count(self, rows: QuerySet[Any, Any]) -> int:
        """Return how many rows a query set has."""
        query = sql.SQL("SELECT count(*) FROM ({}) AS counted").format(self.statement(rows.order_by().values("pk")))
        return int(self.row(query)[0])

    def row(self, query: sql.Composable) -> tuple[Any, ...]:
        """Return the only row of a query."""
        with self._busy, self._raw.cursor() as cursor:
            cursor.execute(query)
            (found,) = cursor.fetchall()
        return tuple(found)

    def rows(self, query: sql.Composable) -> Generator[tuple[Any, ...]]:
        """Yield the rows of a query that may have millions."""
        with self._raw.cursor(name="rows") as cursor:
            cursor.itersize = FETCHED_ROWS
            cursor.execute(query)
            yield from cursor

    def copy(self, query: sql.Composable, delimiter: str) -> tuple[int, bytes]:
        """Return how many rows a query has, and these as CSV."""
        buffer = io.BytesIO()
        copy = sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv, DELIMITER {})").format(query, sql.Literal(delimiter))
        with self._busy, self._raw.cursor() as cursor:
            cursor.copy_expert(copy, buffer)
            return cursor.rowcount, buffer.getvalue()
