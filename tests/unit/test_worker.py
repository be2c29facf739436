"""The background worker, stopped at any moment."""

from __future__ import annotations

import signal

import pytest

from signatures import worker

TRIES = 300


def test_a_signal_stops_the_worker_whatever_it_is_doing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0)
    monkeypatch.setattr(worker.Worker, "round", lambda _: 0)
    before = signal.getsignal(signal.SIGALRM)
    try:
        for attempt in range(TRIES):
            loop = worker.Worker()
            signal.signal(signal.SIGALRM, lambda *_, loop=loop: loop.stop())
            signal.setitimer(signal.ITIMER_REAL, 0.0002 + attempt * 0.000007)
            # Hangs, and is ended with a traceback, if the signal arrives while a lock is held.
            loop.run()
            assert loop.is_stopping
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
