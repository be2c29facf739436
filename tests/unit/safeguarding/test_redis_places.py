"""The address of a Redis, or of its Sentinels."""

from __future__ import annotations

import pytest

from signatures.safeguarding.redis_places import SentinelPlace, is_redis, read_sentinels


def test_an_address_of_sentinels_says_where_they_are_and_how_to_log_in_at_the_master() -> None:
    found = read_sentinels("rediss+sentinel://site:a%40b@10.7.0.1:26379,redis-2,[fd00::3]:5000/petition/2")
    sentinels = (("10.7.0.1", 26379), ("redis-2", 26379), ("fd00::3", 5000))
    assert found == SentinelPlace(sentinels, "petition", 2, "site", "a@b", has_tls=True)


def test_a_password_alone_and_the_first_database_are_enough() -> None:
    found = read_sentinels("redis+sentinel://:secret@a,b,c/petition")
    assert (found.user, found.password, found.database, found.has_tls) == (None, "secret", 0, False)


@pytest.mark.parametrize(
    "url",
    ["redis://localhost", "rediss://:secret@host:6380/3", "unix:///run/redis.sock?db=1", "redis+sentinel://a,b/name"],
)
def test_these_are_addresses(url: str) -> None:
    assert is_redis(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1",
        "127.0.0.1:6379",
        "redis://host:0",
        "redis://host:port",
        "redis+sentinel://a,b",
        "redis+sentinel:///petition",
        "redis+sentinel://a,,b/petition",
        "redis+sentinel://a:70000/petition",
        "redis+sentinel://a/petition/first",
        "redis+sentinel://a/petition?db=1",
    ],
)
def test_these_are_not(url: str) -> None:
    assert not is_redis(url)
