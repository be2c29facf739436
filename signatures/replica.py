"""Lets reads go to a copy of the database that follows the primary, for as long as it is known to be recent.

A copy is believed only by what it has replayed: a place in the write-ahead log (WAL) that the primary had reached a few
seconds ago, by the clock of this process. So an idle primary looks as it is, and a copy that follows another primary
(another timeline), or another database, is never believed, however far it has come. Nor is one whose clock is ahead of
the primary's: by it pages decide what is public already.

The address may lead to one of several copies with each new connection, so that only the connection that was asked is
read from.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

REPLICA = "replica"
# Public pages are at most this much older than the primary, before any cache.
LAG_SECONDS_MAX = 5.0
# How often a process asks the primary for its place.
SAMPLE_SECONDS = 0.5
# A copy that cannot be reached is left alone for so long.
AWAY_SECONDS = 5.0
# How long an export waits for the copy to have all that was stored when it began.
EXPORT_WAIT_SECONDS = 5.0
POLL_SECONDS = 0.05
# What is scheduled may be public so much early; clocks that are set by NTP are closer by far.
AHEAD_SECONDS_MAX = 1.0
# libpq's least.
CONNECT_SECONDS = 2

LATE = (
    "The copy of the database in DATABASE_REPLICA_URL is away, more than five seconds behind, follows another primary,"
    " is another database, or its clock is ahead: pages and exports are read from the primary."
)

# The number of a database is the same at the primary and at whatever follows it.
WHERE_AND_WHEN = """
SELECT extract(epoch FROM clock_timestamp())::float8, (SELECT system_identifier FROM pg_control_system()),
    (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
"""
# Everything that was answered is before the flushed place. The first eight digits of a file's name are the timeline.
PLACE_OF_PRIMARY = f"""
{WHERE_AND_WHEN}
    ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int,
    (pg_current_wal_flush_lsn() - '0/0')::bigint
"""
# One that is no copy any more, since it was promoted, has no place.
PLACE_OF_REPLICA = f"""
{WHERE_AND_WHEN} (SELECT timeline_id FROM pg_control_checkpoint()),
    CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0')::bigint END
"""  # noqa: S608 - constants
_is_reading: ContextVar[bool] = ContextVar("is_reading_from_replica", default=False)


class Place(NamedTuple):
    """How far a server has come.

    :param system: which cluster it belongs to
    :param database: which database of the cluster
    :param timeline: changes with every promotion
    :param position: in bytes of WAL, or None for a server that follows no other
    """

    system: int
    database: int
    timeline: int
    position: int | None

    def follows(self, other: Place) -> bool:
        """Return whether this server will have all that is stored at another place, if not now."""
        return self.position is not None and self[:3] == other[:3]

    def has(self, other: Place) -> bool:
        """Return whether everything up to another place is here, too."""
        if self.position is None or other.position is None:
            return False
        return self.follows(other) and self.position >= other.position


class Look(NamedTuple):
    """A server's place, and the time by its clock, in seconds."""

    place: Place
    clock: float


@dataclass(frozen=True)
class Sample:
    """A place of the primary, the monotonic time before which it had reached it, and its own clock then."""

    place: Place
    at: float
    clock: float


class Primary:
    """Remembers which places the primary had reached in the last seconds; shared by all threads of a process."""

    def __init__(self) -> None:
        """Begin without a sample."""
        self.samples: deque[Sample] = deque()
        self._asking = threading.Lock()

    def sample(self) -> None:
        """Ask the primary for its place, unless it was asked just now or another thread is asking.

        :raises django.db.Error: if it cannot be asked
        """
        if self.samples and time.monotonic() - self.samples[-1].at < SAMPLE_SECONDS:
            return
        if not self._asking.acquire(blocking=False):
            return
        try:
            at = time.monotonic()
            place, clock = _look(connections[DEFAULT_DB_ALIAS], PLACE_OF_PRIMARY)
            self.samples.append(Sample(place, at, clock))
            while at - self.samples[0].at > LAG_SECONDS_MAX:
                self.samples.popleft()
        finally:
            self._asking.release()

    def age_of(self, place: Place) -> float | None:
        """Return how old the state at a place is at most, in seconds, or None if that is unknown."""
        now = time.monotonic()
        ages = (now - sample.at for sample in list(self.samples) if place.has(sample.place))
        return min(ages, default=None)

    def is_early(self, clock: float) -> bool:
        """Return whether the clock of another server is ahead of the primary's; False before there was a sample."""
        if not self.samples:
            return False
        newest = self.samples[-1]
        return clock - (newest.clock + time.monotonic() - newest.at) > AHEAD_SECONDS_MAX


primary = Primary()
_away_until = 0.0


def has_replica() -> bool:
    """Return whether the settings name a copy."""
    return REPLICA in connections.databases


def is_replica_recent() -> bool:
    """Return whether this thread's connection to the copy leads to a state of the last ``LAG_SECONDS_MAX`` seconds."""
    if not has_replica() or time.monotonic() < _away_until:
        return False
    # While the primary is away, what was known of it a few seconds ago still holds.
    with suppress(Error):
        primary.sample()
    return lag_seconds() is not None


def lag_seconds() -> float | None:
    """Return how far the copy may be behind what was seen of the primary, or None if it must not be read from."""
    try:
        place, clock = _look_at_replica()
    except Error:
        return None
    age = primary.age_of(place)
    return None if age is None or age > LAG_SECONDS_MAX or primary.is_early(clock) else age


def replica_warnings() -> list[str]:
    """Return a sentence if the settings name a copy that pages cannot be read from.

    :raises django.db.Error: if the primary cannot be asked
    """
    if not has_replica():
        return []
    primary.sample()
    return [LATE] if lag_seconds() is None else []


def connection_for_exports() -> BaseDatabaseWrapper:
    """Return a connection of the caller's own: to a copy that has all that was stored until now, else to the primary.

    Whoever gets it closes it.
    """
    default = connections[DEFAULT_DB_ALIAS]
    if not has_replica() or time.monotonic() < _away_until or default.in_atomic_block:
        # Within a transaction its own rows are not yet anywhere else.
        return default.copy()
    begun = time.monotonic()
    stored, _ = _look(default, PLACE_OF_PRIMARY)
    own = connections[REPLICA].copy()
    with suppress(Error):
        while (place := _look(own, PLACE_OF_REPLICA).place).follows(stored):
            if place.has(stored):
                return own
            if time.monotonic() - begun > EXPORT_WAIT_SECONDS:
                break
            time.sleep(POLL_SECONDS)
    own.close()
    # Whoever comes next need not wait for it.
    leave_replica_alone()
    return default.copy()


@contextmanager
def reading_from_replica() -> Iterator[None]:
    """Let this thread's reads go to the copy; what it writes, or locks, still goes to the primary."""
    token = _is_reading.set(True)
    try:
        yield
    finally:
        _is_reading.reset(token)


def leave_replica_alone() -> None:
    """Read from the primary for some seconds, since the copy could not be read."""
    global _away_until  # noqa: PLW0603 - one copy for a whole process
    _away_until = time.monotonic() + AWAY_SECONDS
    connections[REPLICA].close()


def welcome_replica() -> None:
    """Read from the copy again."""
    global _away_until  # noqa: PLW0603 - as above
    _away_until = 0.0


def replica_settings(database: dict[str, Any]) -> dict[str, Any]:
    """Return Django's settings for the copy.

    :param database: as read from its URL
    """
    options = {"connect_timeout": CONNECT_SECONDS, **database.get("OPTIONS", {})}
    # Within a test the copy is the primary itself.
    return database | {"CONN_MAX_AGE": 600, "OPTIONS": options, "TEST": {"MIRROR": DEFAULT_DB_ALIAS}}


class ReplicaRouter:
    """Sends reads where the thread has said; everything else is the primary's."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Return where to read; never where a row came from, since that was recent only then."""
        return REPLICA if _is_reading.get() else DEFAULT_DB_ALIAS

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Return where to write, and to lock."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Let rows refer to each other wherever they were read: it is one database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Return whether to migrate; the copy follows by itself."""
        return db != REPLICA


def _look(wrapper: BaseDatabaseWrapper, question: str) -> Look:
    with wrapper.cursor() as cursor:
        cursor.execute(question)
        clock, *place = cursor.fetchone()
    return Look(Place(*place), clock)


def _look_at_replica() -> Look:
    """Ask the copy, over the connection that this thread will read with.

    :raises django.db.Error: if it cannot be asked; it is then left alone
    """
    was_open = connections[REPLICA].connection is not None
    try:
        return _look(connections[REPLICA], PLACE_OF_REPLICA)
    except Error:
        leave_replica_alone()
        if not was_open:
            raise
    # The connection may be one from before the copy was started anew.
    look = _look(connections[REPLICA], PLACE_OF_REPLICA)
    welcome_replica()
    return look
