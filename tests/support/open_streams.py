"""Closes downloads that a failed test has left open, since the run would otherwise hang.

A download keeps a transaction open over its own connection until it is closed. The traceback of a failed test keeps it
alive, and truncating the tables waits for it.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import pytest

# For every connection of this process and of those it starts: waiting longer for a lock is an error, and a badly
# planned statement fails with its traceback, well before the process that waits for it is killed.
LOCK_SECONDS = int(os.environ.setdefault("TEST_LOCK_SECONDS", "30"))
STATEMENT_SECONDS = 120
os.environ["PGOPTIONS"] = f"-c lock_timeout={LOCK_SECONDS}s -c statement_timeout={STATEMENT_SECONDS}s"
OPEN: weakref.WeakSet[Generator[bytes]] = weakref.WeakSet()


@pytest.fixture(scope="session", autouse=True)
def streams_are_known() -> Iterator[None]:
    """Record every download that is started."""
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
    """Close downloads that the test has left open, before its tables are truncated."""
    for stream in list(OPEN):
        # One that another thread is reading is closed by that thread; one with a broken transaction holds no lock.
        with suppress(Exception):
            stream.close()
    OPEN.clear()
