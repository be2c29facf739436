"""A cache backend that counts in Redis, and in PostgreSQL for as long as Redis is away."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar, cast

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from signatures.safeguarding.counter_cache import FOREVER_SECONDS, CounterCache, Window
from signatures.safeguarding.redis_places import is_of_sentinels, read_sentinels

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

# A Redis that is silent holds a thread up for so long; Sentinels do so each.
ANSWER_SECONDS = 0.5
# Redis is asked again after so many seconds; whoever is counted meanwhile is counted in PostgreSQL.
AWAY_SECONDS = 5.0
AWAY = "Redis is away: limits are counted in PostgreSQL, and begin anew there. Look at REDIS_URL and at its servers."
BACK = "Redis is back: limits are counted there again."


class _Link:
    """What a process knows of one Redis, for all its threads."""

    def __init__(self) -> None:
        self.is_here = False
        # Nobody has had an answer yet, nor waited for one in vain.
        self.is_new = True
        self._ask_at = 0.0
        self._asking = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Yield whether to ask Redis: everybody while it answers, else one thread at a time, and that not often.

        The others do without meanwhile, so that a Redis that is silent holds nobody else up. Only at the start of the
        process they wait for the first answer, since what is counted elsewhere would be missing.
        """
        if self.is_here or not self._asking.acquire(timeout=ANSWER_SECONDS if self.is_new else 0):
            yield self.is_here
            return
        try:
            yield self.is_here or time.monotonic() >= self._ask_at
        finally:
            self._asking.release()

    def answered(self) -> None:
        """Note that Redis is there."""
        if not (self.is_here or self.is_new):
            logger.warning(BACK)
        self.is_here, self.is_new = True, False

    def failed(self) -> None:
        """Note that Redis is away; it is asked again after some time."""
        if self.is_here or self.is_new:
            logger.warning(AWAY)
        self.is_here, self.is_new = False, False
        self._ask_at = time.monotonic() + AWAY_SECONDS


_links: defaultdict[str, _Link] = defaultdict(_Link)


@cache
def _client(url: str) -> Redis:
    """Return the client for an address, with a pool of connections that all threads of a process share."""
    limits: dict[str, Any] = {
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        # A connection that was closed meanwhile is opened anew without it, and what is silent is not asked twice.
        "retry": Retry(NoBackoff(), 0),
    }
    if not is_of_sentinels(url):
        return Redis.from_url(url, **limits)
    place = read_sentinels(url)
    tls = {"ssl": True} if place.has_tls else {}
    sentinel = Sentinel(place.sentinels, sentinel_kwargs={**limits, **tls})  # type: ignore[no-untyped-call]
    master = sentinel.master_for(  # type: ignore[no-untyped-call]
        place.name, db=place.database, username=place.user, password=place.password, **limits, **tls
    )
    return cast("Redis", master)


class RedisCounters(BaseCache):
    """Stores integers only, in Redis; an outage of Redis neither lifts the limits nor keeps anybody out.

    Whoever was at a limit when Redis went away may use it once more, since PostgreSQL counts from zero.
    """

    def __init__(self, url: str, params: dict[str, Any]) -> None:
        """Set the address, which may name Sentinels; connections are opened on use."""
        super().__init__(params)
        self.url = url

    @property
    def instead(self) -> CounterCache:
        """Return the counters that are used while Redis is away."""
        return cast("CounterCache", caches["counters"])

    def warnings(self) -> list[str]:
        """Return a sentence if this process counts in PostgreSQL now."""
        link = _links[self.url]
        return [] if link.is_here or link.is_new else [AWAY]

    def _ask(self, redis: Callable[[Redis], Result], otherwise: Callable[[CounterCache], Result]) -> Result:
        """Return what Redis answers or, if it is away, what PostgreSQL does."""
        link = _links[self.url]
        with link.turn() as is_ours:
            if is_ours:
                try:
                    result = redis(_client(self.url))
                except RedisError:
                    link.failed()
                else:
                    link.answered()
                    return result
        return otherwise(self.instead)

    def _name(self, key: str, version: int | None) -> str:
        return self.make_and_validate_key(key, version=version)

    def _milliseconds(self, timeout: Any) -> int:
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        return max(int(1000 * (FOREVER_SECONDS if timeout is None else timeout)), 1)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a number unless there is one, and return whether it was stored."""
        name, lifetime = self._name(key, version), self._milliseconds(timeout)
        return self._ask(
            lambda redis: bool(redis.set(name, int(value), px=lifetime, nx=True)),
            lambda other: other.add(key, value, timeout, version),
        )

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return a number, or the default."""

        def ask(redis: Redis) -> Any:
            found = redis.get(self._name(key, version))
            return default if found is None else int(cast("bytes", found))

        return self._ask(ask, lambda other: other.get(key, default, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store a number, replacing any other."""
        name, lifetime = self._name(key, version), self._milliseconds(timeout)
        self._ask(
            lambda redis: bool(redis.set(name, int(value), px=lifetime)),
            lambda other: other.set(key, value, timeout, version),
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        """Delete a number, and return whether there was one."""
        return self._ask(
            lambda redis: bool(redis.delete(self._name(key, version))), lambda other: other.delete(key, version)
        )

    def count(self, levels: Sequence[Sequence[Window]]) -> dict[str, int]:
        """Add one to the counters level by level, and return the sums by key.

        If a counter of one level exceeds its limit, the later levels are not counted at all.
        """
        return self._ask(lambda redis: self._count(redis, levels), lambda other: other.count(levels))

    def _count(self, redis: Redis, levels: Sequence[Sequence[Window]]) -> dict[str, int]:
        amounts: dict[str, int] = {}
        for level in levels:
            with redis.pipeline(transaction=True) as steps:
                for window in level:
                    name = self._name(window.key, None)
                    # In one transaction: a counter that expired in between would come back without an end.
                    steps.set(name, 0, px=self._milliseconds(window.lifetime), nx=True)
                    steps.incr(name)
                sums = steps.execute()[1::2]
            amounts |= {window.key: int(amount) for window, amount in zip(level, sums, strict=True)}
            if any(amounts[window.key] > window.allowed for window in level):
                break
        return amounts
