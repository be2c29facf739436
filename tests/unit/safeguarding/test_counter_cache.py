"""The counters of the limits: exact, whoever counts, and gone when their time is over."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.test import override_settings

from signatures.safeguarding.counter_cache import CounterCache
from tests.database import at_once, query


@pytest.fixture
def cache(db: None) -> CounterCache:
    """Return the cache of the limits, empty."""
    cache = caches["ratelimits"]
    assert isinstance(cache, CounterCache)
    cache.clear()
    return cache


def let_it_run_out() -> None:
    """Move the end of every counter into the past."""
    query("UPDATE signatures_ratelimit SET expires_at = now() - interval '1 second'")


def test_it_counts(cache: CounterCache) -> None:
    assert cache.add("a", 1, 60)
    assert not cache.add("a", 5, 60)
    assert cache.incr("a") == 2
    assert cache.incr("a", 3) == 5
    assert (cache.get("a"), cache.get("b"), cache.get("b", 7)) == (5, None, 7)
    cache.set("a", 1, None)
    assert cache.decr("a") == 0
    assert cache.delete("a")
    assert not cache.delete("a")


def test_a_counter_that_has_run_out_is_none(cache: CounterCache) -> None:
    cache.add("a", 5, 60)
    let_it_run_out()
    assert cache.get("a") is None
    assert not cache.touch("a", 60)
    with pytest.raises(ValueError, match="no such counter"):
        cache.incr("a")
    assert cache.add("a", 1, 60)
    assert cache.get("a") == 1
    assert cache.touch("a", 60)
    let_it_run_out()
    assert cache.delete_expired() == 1


@pytest.mark.django_db(transaction=True)
def test_many_who_begin_a_window_at_once_begin_one_and_lose_no_count() -> None:
    cache = caches["ratelimits"]
    cache.clear()
    cache.add("a", 99, 60)
    let_it_run_out()

    def count() -> int:
        return 1 if cache.add("a", 1, 60) else cache.incr("a")

    assert sorted(at_once(*[count] * 12)) == list(range(1, 13))
    cache.clear()


def test_redis_counts_in_its_place_where_it_is_configured() -> None:
    with override_settings(
        CACHES={"ratelimits": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://h"}}
    ):
        assert not isinstance(caches["ratelimits"], CounterCache)
