"""A cache backend that counts exactly across processes, in an UNLOGGED PostgreSQL table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection
from django.db.backends.utils import CursorWrapper

from signatures.models.prepared import PreparedStatement

FOREVER_SECONDS = 10 * 365 * 24 * 60 * 60
LEVELS_MAX = 3
# A counter always has the same lifetime, so none expires later than one that starts now, unless the clock was set back.
# The minute allows for transactions that run at once but began some seconds apart.
IS_OVER = "(old.expires_at <= now() OR old.expires_at > excluded.expires_at + interval '1 minute')"
# Concurrent statements lock the same rows in the same order, so that there are no deadlocks.
COUNT = """
WITH windows AS (
    SELECT * FROM unnest(%(levels)s, %(keys)s, %(lifetimes)s, %(allowed)s)
    WITH ORDINALITY AS given (level, key, lifetime, allowed, place)
), first AS (
    INSERT INTO counters AS old (key, value, expires_at)
    SELECT key, 1, now() + make_interval(secs => lifetime) FROM windows WHERE level = 0 ORDER BY place
    {conflict}
), second AS (
    INSERT INTO counters AS old (key, value, expires_at)
    SELECT key, 1, now() + make_interval(secs => lifetime) FROM windows
    WHERE level = 1 AND NOT EXISTS (SELECT FROM first JOIN windows USING (key) WHERE value > allowed)
    ORDER BY place
    {conflict}
), third AS (
    INSERT INTO counters AS old (key, value, expires_at)
    SELECT key, 1, now() + make_interval(secs => lifetime) FROM windows
    WHERE level = 2 AND NOT EXISTS (
        SELECT FROM (TABLE first UNION ALL TABLE second) AS counted JOIN windows USING (key) WHERE value > allowed
    )
    ORDER BY place
    {conflict}
)
SELECT key, value FROM first UNION ALL SELECT key, value FROM second UNION ALL SELECT key, value FROM third
""".format(  # noqa: S608 - both are constants
    conflict=f"""ON CONFLICT (key) DO UPDATE SET
        value = CASE WHEN {IS_OVER} THEN 1 ELSE old.value + 1 END,
        expires_at = CASE WHEN {IS_OVER} THEN excluded.expires_at ELSE old.expires_at END
    RETURNING key, value"""
)
ADD = f"""
INSERT INTO counters AS old (key, value, expires_at) VALUES (%s, %s, now() + make_interval(secs => %s))
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at WHERE {IS_OVER}
"""  # noqa: S608 - a constant
COUNT_TYPES = {"levels": "int[]", "keys": "text[]", "lifetimes": "float[]", "allowed": "bigint[]"}


@cache
def _count_in(table: str) -> PreparedStatement:
    """Return the prepared statement for a table: planning takes longer than running it."""
    return PreparedStatement(f"count_in_{table.strip(chr(34))}", COUNT.replace("counters", table), COUNT_TYPES)


@dataclass(frozen=True)
class Window:
    """A time window with an upper bound of requests from one network.

    :param key: of its counter
    :param lifetime: seconds for which the counter is kept
    :param allowed: the greatest number of requests that pass
    :param seconds_left: until the window ends
    """

    key: str
    lifetime: float
    allowed: int
    seconds_left: int


class CounterCache(BaseCache):
    """Stores integers only; every call is a single statement in autocommit mode.

    An ``add`` that finds an expired row reuses it in the same statement, so that two processes cannot both start a
    window.
    """

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        """Set the name of the table, which ``counter_cache.sql`` creates."""
        super().__init__(params)
        self.table = connection.ops.quote_name(table)

    def _run(self, sql: str, values: list[Any]) -> CursorWrapper:
        cursor = connection.cursor()
        cursor.execute(sql.replace("counters", self.table), values)
        return cursor

    def _seconds(self, timeout: Any) -> float:
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        return FOREVER_SECONDS if timeout is None else timeout

    def _name(self, key: str, version: int | None) -> str:
        return self.make_and_validate_key(key, version=version)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a number unless there is an unexpired one, and return whether it was stored."""
        with self._run(
            ADD,
            [self._name(key, version), int(value), self._seconds(timeout)],
        ) as cursor:
            return bool(cursor.rowcount == 1)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return an unexpired number, or the default."""
        with self._run(
            "SELECT value FROM counters WHERE key = %s AND expires_at > now()", [self._name(key, version)]
        ) as cursor:
            row = cursor.fetchone()
        return row[0] if row else default

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store a number, replacing any other."""
        self._run(
            "INSERT INTO counters (key, value, expires_at) VALUES (%s, %s, now() + make_interval(secs => %s))"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
            [self._name(key, version), int(value), self._seconds(timeout)],
        ).close()

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a number and return the sum.

        :raises ValueError: if the number does not exist or has expired
        """
        with self._run(
            "UPDATE counters SET value = value + %s WHERE key = %s AND expires_at > now() RETURNING value",
            [delta, self._name(key, version)],
        ) as cursor:
            row = cursor.fetchone()
        if row is None:
            message = "There is no such counter."
            raise ValueError(message)
        return int(row[0])

    def count(self, levels: Sequence[Sequence[Window]]) -> dict[str, int]:
        """Add one to the counters of up to three levels in one statement, and return the sums by key.

        If a counter of one level exceeds its limit, the later levels are not counted at all.

        :raises ValueError: if there are more than LEVELS_MAX levels
        """
        if len(levels) > LEVELS_MAX:
            message = "There are more levels than one statement counts."
            raise ValueError(message)
        windows = [(number, window) for number, level in enumerate(levels) for window in level]
        names = {self._name(window.key, None): window.key for _, window in windows}
        values = {
            "levels": [number for number, _ in windows],
            "keys": list(names),
            "lifetimes": [window.lifetime for _, window in windows],
            "allowed": [window.allowed for _, window in windows],
        }
        with connection.cursor() as cursor:
            _count_in(self.table).execute(cursor, values)
            return {names[name]: int(value) for name, value in cursor.fetchall()}

    def warnings(self) -> list[str]:
        """Return nothing: where PostgreSQL is away, the whole site is."""
        return []

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Restart the lifetime of an unexpired number, and return whether there was one."""
        with self._run(
            "UPDATE counters SET expires_at = now() + make_interval(secs => %s) WHERE key = %s AND expires_at > now()",
            [self._seconds(timeout), self._name(key, version)],
        ) as cursor:
            return bool(cursor.rowcount == 1)

    def delete(self, key: str, version: int | None = None) -> bool:
        """Delete a number, and return whether there was one."""
        with self._run("DELETE FROM counters WHERE key = %s", [self._name(key, version)]) as cursor:
            return bool(cursor.rowcount == 1)

    def clear(self) -> None:
        """Delete all numbers."""
        self._run("DELETE FROM counters", []).close()

    def delete_expired(self) -> int:
        """Delete expired numbers, and return how many."""
        with self._run("DELETE FROM counters WHERE expires_at <= now()", []) as cursor:
            return int(cursor.rowcount)


class WindowList(BaseCache):
    """The cache given to django-ratelimit, which only records the requested window; all are counted together later."""

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        """Start without a recorded window; each thread has an instance of its own."""
        super().__init__(params)
        self.asked: tuple[str, float] = ("", 0)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Record the key and the lifetime in seconds, and report the counter as new."""
        self.asked = (key, timeout)
        return True

    def take(self) -> tuple[str, float]:
        """Return the key and the lifetime in seconds that were recorded last."""
        return self.asked
