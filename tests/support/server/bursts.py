"""Sends many requests at one instant, shortly after the start of a rate limit's window."""

from __future__ import annotations

import random
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import islice

from signatures.safeguarding.rate_limits import network_key
from tests.support.server.web_site import Answer

MINUTE = 60
DAY = 24 * 60 * MINUTE
# Time for opening the connections before the window starts; a busy machine may be late.
LEAD_SECONDS = 0.8
LATE_SECONDS_MAX = 5
# Delay after the start, so that the clock of every process shows the new second.
DELAY_SECONDS = 0.01
THREAD_SECONDS_MAX = 60
TRIES_MAX = 10


def next_window(network: str, period: int = MINUTE, *, not_before: int | None = None) -> int:
    """Return the second, at least about one from now, in which a network's next window of ``period`` seconds starts.

    django-ratelimit's windows end at a second that depends on the key, which depends on the network and the UTC day.

    not_before: the earliest acceptable second, instead of one relative to the clock.
    """
    while int(time.time()) % DAY > DAY - MINUTE // 2:
        # All keys change at midnight.
        time.sleep(1)
    end = zlib.crc32(network_key(network, datetime.now(UTC).date().isoformat()).encode()) % period
    earliest = int(time.time() + LEAD_SECONDS) + 1 if not_before is None else not_before
    # The second in which a window ends is still part of it.
    return earliest + (end + 1 - earliest) % period


def fresh_networks(candidates: Iterable[str], amount: int = 1) -> tuple[list[str], int]:
    """Return the first candidates whose one-minute windows all start in the next second, and that second."""
    begins = int(time.time() + LEAD_SECONDS) + 1
    found = (network for network in candidates if next_window(network, not_before=begins) == begins)
    return list(islice(found, amount)), begins


def loopback_addresses() -> Iterator[str]:
    """Yield random loopback addresses."""
    while True:
        yield f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"  # noqa: S311


def send_at(
    instant: float,
    connections: Sequence[HTTPConnection],
    send: Callable[[int, HTTPConnection], Answer],
    *,
    spread: Callable[[], bool] = lambda: True,
) -> list[Answer]:
    """Open all connections, send over each at the same instant, and return the responses in the same order.

    spread: returns whether the connections are distributed over processes as required; if not, they are reopened.
    """
    answers: dict[int, Answer] = {}
    barrier = threading.Barrier(len(connections) + 1)

    def run(number: int, connection: HTTPConnection) -> None:
        try:
            barrier.wait(THREAD_SECONDS_MAX)
        except threading.BrokenBarrierError:
            return
        time.sleep(max(0.0, instant + DELAY_SECONDS - time.time()))
        answers[number] = send(number, connection)

    with ExitStack() as stack:
        for connection in connections:
            stack.callback(connection.close)
        _connect(connections, spread)
        threads = [threading.Thread(target=run, args=item, daemon=True) for item in enumerate(connections)]
        for thread in threads:
            thread.start()
        # Don't leave threads behind that would fail in a later test.
        stack.callback(barrier.abort)
        assert time.time() < instant + LATE_SECONDS_MAX, "this machine is too slow to show anything"
        barrier.wait(THREAD_SECONDS_MAX)
        for thread in threads:
            thread.join(THREAD_SECONDS_MAX)
    return [answers[number] for number in range(len(connections))]


def _connect(connections: Sequence[HTTPConnection], spread: Callable[[], bool]) -> None:
    for _ in range(TRIES_MAX):
        for connection in connections:
            connection.connect()
        if spread():
            return
        for connection in connections:
            connection.close()
    message = "one process took all connections, again and again: this would show nothing"
    raise AssertionError(message)
