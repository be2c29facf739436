"""Lets a test that fails while a download is open be red at once, where the run would wait for it for ever.

A download reads one state of the database, over a connection of its own, until it is closed. The traceback of a test
that fails keeps it alive, and emptying the tables waits for it.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import pytest

# For every connection of this process and of those it starts: whoever waits longer for a lock gets an error, and a
# statement that is planned badly fails with its traceback, well before the process that waits for it is ended.
LOCK_SECONDS = int(os.environ.setdefault("TEST_LOCK_SECONDS", "30"))
STATEMENT_SECONDS = 120
os.environ["PGOPTIONS"] = f"-c lock_timeout={LOCK_SECONDS}s -c statement_timeout={STATEMENT_SECONDS}s"
OPEN: weakref.WeakSet[Generator[bytes]] = weakref.WeakSet()


@pytest.fixture(scope="session", autouse=True)
def streams_are_known() -> Iterator[None]:
    """Remember every download that begins."""
    from signatures.delivering import recording  # noqa: PLC0415 - not before the settings are there

    begin = recording._running

    def remember(*arguments: Any) -> Generator[bytes]:
        stream = begin(*arguments)
        OPEN.add(stream)
        return stream

    recording._running = remember  # type: ignore[assignment]
    yield
    recording._running = begin


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Close what the test has left open, before its database is emptied."""
    for stream in list(OPEN):
        # One that another thread still takes is closed by that thread; one whose transaction is broken has let go.
        with suppress(Exception):
            stream.close()
    OPEN.clear()
