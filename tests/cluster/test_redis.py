"""Limits are counted in the Redis that the Sentinels name, and in PostgreSQL while there is none."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import cast

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from pytest_django import Settings

from signatures.models.operating import TroubleKind
from signatures.operating.troubles import find_troubles
from signatures.safeguarding import redis_counters
from signatures.safeguarding.counter_cache import CounterCache, Window
from signatures.safeguarding.redis_counters import AWAY, RedisCounters
from tests.support.cluster.debian_postgres import servers_folder
from tests.support.cluster.parts import Addresses, wait_until
from tests.support.cluster.stack import Cluster
from tests.support.faults.failing_mail_server import Behaviour
from tests.support.programs import require_program
from tests.support.server.local_site import free_port

pytestmark = [pytest.mark.xdist_group("servers"), pytest.mark.django_db(transaction=True)]

BACKEND = "signatures.safeguarding.redis_counters.RedisCounters"
ALLOWED = 3
# Sentinels miss a master after two seconds, and agree on another.
FAILOVER_SECONDS_MAX = 40.0
ANSWER_SECONDS_MAX = 3.0
# Half a second for each of three Sentinels, and some.
SILENT_SECONDS_MAX = 2.2


@pytest.fixture(scope="module")
def sentinels() -> Iterator[Cluster]:
    """Run a Redis with two copies, and three Sentinels."""
    with servers_folder() as folder:
        cluster = Cluster(folder, "", Behaviour())
        try:
            cluster.add_redis(require_program("redis-server"))
            wait_until(cluster.sentinels_agree, "the Sentinels know each other", 60)
            yield cluster
        finally:
            cluster.stop()


def counters(settings: Settings, url: str) -> RedisCounters:
    """Return the store of the limits with this address in the settings."""
    redis_counters._links.clear()
    settings.CACHES = settings.CACHES | {"ratelimits": {"BACKEND": BACKEND, "LOCATION": url}}
    return cast("RedisCounters", caches["ratelimits"])


def url_of(at: Addresses) -> str:
    """Return the address that names the Sentinels."""
    places = ",".join(f"{address}:26379" for address in at.machines.values())
    return f"redis+sentinel://:{at.passwords['REDIS']}@{places}/petition/0"


def window(key: str) -> Window:
    """Return a window of a minute in which few may pass."""
    return Window(key, lifetime=60, allowed=ALLOWED, seconds_left=60)


def test_a_master_that_is_killed_lifts_no_limit_and_keeps_nobody_out(sentinels: Cluster, settings: Settings) -> None:
    store = counters(settings, url_of(sentinels.at))
    key = uuid.uuid4().hex
    assert [store.count([[window(key)]])[key] for _ in range(ALLOWED + 1)] == [1, 2, 3, 4]
    assert not store.warnings()
    first = sentinels.redis_master()
    sentinels.parts[f"redis {first}"].kill()
    killed_at = time.monotonic()
    in_postgresql: list[int] = []
    seconds: list[float] = []
    while not in_postgresql or store.warnings() or sentinels.redis_master() == first:
        begun = time.monotonic()
        amount = store.count([[window(key)]])[key]
        seconds.append(time.monotonic() - begun)
        in_postgresql += [amount] if store.warnings() else []
        assert time.monotonic() - killed_at < FAILOVER_SECONDS_MAX
        time.sleep(0.1)
    # From one on, each once; then in the new master, which may have missed what the old one counted last, and may
    # not be there yet for each of us.
    assert in_postgresql == list(range(1, len(in_postgresql) + 1))
    assert any(store.count([[window(key)]])[key] > ALLOWED for _ in range(4 * ALLOWED))
    # Nobody waits for long for a master that is gone.
    assert max(seconds) < ANSWER_SECONDS_MAX
    sentinels.parts[f"redis {first}"].start()


def test_levels_are_counted_as_in_postgresql(sentinels: Cluster, settings: Settings) -> None:
    store = counters(settings, url_of(sentinels.at))
    other = cast("CounterCache", caches["counters"])
    narrow, wide = uuid.uuid4().hex, uuid.uuid4().hex
    levels = [[window(narrow)], [Window(wide, lifetime=60, allowed=99, seconds_left=60)]]
    for _ in range(ALLOWED + 2):
        assert store.count(levels) == other.count(levels)
    assert store.get(wide) == other.get(wide) == ALLOWED


def test_a_counter_in_redis_ends_with_its_window(sentinels: Cluster, settings: Settings) -> None:
    store = counters(settings, url_of(sentinels.at))
    key = uuid.uuid4().hex
    short = Window(key, lifetime=0.3, allowed=ALLOWED, seconds_left=1)
    assert [store.count([[short]])[key] for _ in range(2)] == [1, 2]
    time.sleep(0.35)
    assert store.count([[short]])[key] == 1


@pytest.fixture
def silent_url() -> Iterator[str]:
    """Yield the address of three Sentinels that let everybody in and say nothing."""
    with ExitStack() as stack:
        doors = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        places = ",".join(f"127.0.0.1:{door.getsockname()[1]}" for door in doors)
        yield f"redis+sentinel://:secret@{places}/petition/0"


def test_sentinels_that_say_nothing_hold_up_one_thread_at_a_time(silent_url: str, settings: Settings) -> None:
    counters(settings, silent_url)
    key = uuid.uuid4().hex

    def count(_: int) -> tuple[int, float]:
        begun = time.monotonic()
        try:
            return cast("RedisCounters", caches["ratelimits"]).count([[window(key)]])[key], time.monotonic() - begun
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        first = list(threads.map(count, range(8)))
        time.sleep(redis_counters.AWAY_SECONDS)
        later = list(threads.map(count, range(8)))
    assert sorted(amount for amount, _ in [*first, *later]) == list(range(1, 17))
    # One has asked all three; at the start the others have waited for it, but not for long.
    for seconds, rest in ((first, 1.0), (later, 0.4)):
        *others, longest = sorted(second for _, second in seconds)
        assert longest < SILENT_SECONDS_MAX
        assert others[-1] < rest
    caches["counters"].clear()


def test_limits_hold_while_a_single_redis_is_away_and_monitoring_says_so(client: Client, settings: Settings) -> None:
    store = counters(settings, f"redis://127.0.0.1:{free_port()}/0")
    settings.METRICS_TOKEN = "a token of the tests"
    key = uuid.uuid4().hex
    assert [store.count([[window(key)]])[key] for _ in range(ALLOWED + 1)] == [1, 2, 3, 4]
    response = client.get("/-/ready", headers={"authorization": "Bearer a token of the tests"})
    assert response.status_code == 200
    assert AWAY in response.json()["warnings"]
    assert find_troubles()[TroubleKind.COUNTERS] == [AWAY]
    caches["counters"].clear()
