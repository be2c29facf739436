"""Prepared statements, which a database connection plans once and then only executes."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.utils import CursorWrapper
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

# Otherwise PostgreSQL may plan again for the values of each execution, which takes as long as running the statement.
ONE_PLAN = "SET plan_cache_mode TO force_generic_plan"
# Connections on which that setting is committed: unlike a prepared statement, it doesn't survive a rollback.
_with_one_plan: WeakKeyDictionary[Connection, None] = WeakKeyDictionary()
_lock = threading.Lock()
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class PreparedStatement:
    """A statement whose parsing and planning cost more than running it (PREPARE).

    It lives as long as its connection, so a connection pooler must work in session mode.
    """

    def __init__(self, name: str, text: str, types: Mapping[str, str]) -> None:
        """Convert named placeholders to PostgreSQL's numbered ones.

        :param name: unique name in the database
        :param text: SQL with placeholders such as ``%(country)s``
        :param types: PostgreSQL type of each placeholder
        """
        order = list(dict.fromkeys(PLACEHOLDER.findall(text)))
        numbered = PLACEHOLDER.sub(lambda match: f"${order.index(match.group(1)) + 1}", text)
        self._prepare = f"PREPARE {name} ({', '.join(types[parameter] for parameter in order)}) AS {numbered}"
        self._execute = f"EXECUTE {name} ({', '.join(f'%({parameter})s' for parameter in order)})"
        self._known: WeakKeyDictionary[Connection, None] = WeakKeyDictionary()

    def execute(self, cursor: CursorWrapper, values: Mapping[str, Any]) -> None:
        """Run the statement with a value for each placeholder; the cursor then holds its rows."""
        connection = cursor.cursor.connection
        with _lock:
            is_known, has_one_plan = connection in self._known, connection in _with_one_plan
        if not is_known:
            # Otherwise a lost connection here would not be recognised as a database error.
            with cursor.db.wrap_database_errors:
                cursor.cursor.execute(self._prepare)
            with _lock:
                self._known[connection] = None
        if has_one_plan:
            cursor.execute(self._execute, values)
            return
        cursor.execute(f"{ONE_PLAN}; {self._execute}", values)
        cursor.db.on_commit(lambda: _note_one_plan(connection))


def _note_one_plan(connection: Connection) -> None:
    with _lock:
        _with_one_plan[connection] = None
