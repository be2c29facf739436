"""The counters of the limits are exact across processes, and expire."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from signatures.safeguarding.counter_cache import CounterCache, Window
from tests.support.database import at_once, query


@pytest.fixture
def cache(db: None) -> CounterCache:
    """Return the empty cache of the limits."""
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
def test_concurrent_starts_of_a_window_create_one_and_lose_no_count() -> None:
    cache = caches["ratelimits"]
    cache.clear()
    cache.add("a", 99, 60)
    let_it_run_out()

    def count() -> int:
        return 1 if cache.add("a", 1, 60) else cache.incr("a")

    assert sorted(at_once(*[count] * 12)) == list(range(1, 13))
    cache.clear()


def window(key: str, allowed: int, lifetime: float = 60) -> Window:
    """Return a window of a limit."""
    return Window(key, lifetime, allowed, 60)


def test_a_wider_network_is_counted_only_if_the_narrower_ones_let_pass(cache: CounterCache) -> None:
    levels = [[window("minute", 2), window("hour", 9)], [window("b", 9)], [window("c", 9)]]
    assert [cache.count(levels)["b"] for _ in range(2)] == [1, 2]
    for number in (3, 4):
        assert cache.count(levels) == {"minute": number, "hour": number}
    assert (cache.get("b"), cache.get("c")) == (2, 2)
    assert cache.count([[window("d", 9)], [window("b", 2)], [window("c", 9)]]) == {"d": 1, "b": 3}
    assert cache.get("c") == 2


def test_an_expired_window_restarts(cache: CounterCache) -> None:
    cache.count([[window("a", 1)]])
    cache.count([[window("a", 1)]])
    let_it_run_out()
    assert cache.count([[window("a", 1)], [window("b", 1)]]) == {"a": 1, "b": 1}
    assert cache.count([[window("a", 1, lifetime=1)]]) == {"a": 2}
    # Further counting does not extend it.
    assert query("SELECT min(expires_at) > now() + interval '30 seconds' FROM signatures_ratelimit") == [(True,)]


def test_an_empty_request_counts_nothing(cache: CounterCache) -> None:
    assert cache.count([]) == {}
    assert cache.count([[], [window("b", 1)]]) == {"b": 1}


def test_more_levels_than_the_statement_has_are_refused(cache: CounterCache) -> None:
    with pytest.raises(ValueError, match="more levels"):
        cache.count([[window(str(number), 1)] for number in range(4)])


class TestOneByOne(TestCase):
    """The statement counts the same as separate calls in sequence."""

    @given(
        st.lists(st.tuples(*(st.lists(st.sampled_from(keys), unique=True) for keys in ("ab", "cd", "ef"))), max_size=12)
    )
    def test_the_sums_are_the_same(self, requests: list[tuple[list[str], ...]]) -> None:
        """Try requests of any shape."""
        cache = caches["ratelimits"]
        cache.clear()
        allowed = {"a": 1, "b": 2, "c": 3, "d": 1, "e": 2, "f": 9}
        expected: dict[str, int] = {}
        for levels in requests:
            counted = {}
            for level in levels:
                for key in level:
                    counted[key] = expected[key] = expected.get(key, 0) + 1
                if any(expected[key] > allowed[key] for key in level):
                    break
            assert isinstance(cache, CounterCache)
            assert cache.count([[window(key, allowed[key]) for key in level] for level in levels]) == counted


@pytest.mark.django_db(transaction=True)
def test_networks_that_share_prefixes_are_counted_exactly_without_deadlock() -> None:
    cache = caches["ratelimits"]
    assert isinstance(cache, CounterCache)
    cache.clear()

    def count(network: int) -> list[dict[str, int]]:
        return [
            cache.count([[window(f"{network}{kind}", 99) for kind in "mh"], [window("x", 999), window("y", 999)]])
            for _ in range(10)
        ]

    counted = [sums for one in at_once(*[lambda network=n: count(network % 3) for n in range(9)]) for sums in one]
    assert sorted(sums["x"] for sums in counted) == sorted(sums["y"] for sums in counted) == list(range(1, 91))
    assert sorted(sums["0m"] for sums in counted if "0m" in sums) == list(range(1, 31))
    cache.clear()


def test_redis_counts_instead_if_configured() -> None:
    with override_settings(
        CACHES={
            "ratelimits": {"BACKEND": "signatures.safeguarding.redis_counters.RedisCounters", "LOCATION": "redis://h"}
        }
    ):
        assert not isinstance(caches["ratelimits"], CounterCache)
