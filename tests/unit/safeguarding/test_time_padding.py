"""Padded work takes a whole number of steps."""

from __future__ import annotations

import time

import pytest

from signatures.safeguarding.time_padding import STEP_SECONDS, padded_time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Replace the clock by one that only sleeping advances, and return its time in a list."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def sleep(seconds: float) -> None:
        assert seconds >= 0
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    return now


@pytest.mark.parametrize(
    ("taken", "steps"), [(0.0001, 1), (0.0049, 1), (0.0051, 2), (0.0099, 2), (1.0001, 201), (0.0, 0)]
)
def test_the_duration_reveals_only_the_number_of_steps(clock: list[float], taken: float, steps: int) -> None:
    begin = clock[0]
    with padded_time():
        clock[0] += taken
    assert clock[0] - begin == pytest.approx(steps * STEP_SECONDS)


def test_a_failure_takes_whole_steps_too(clock: list[float]) -> None:
    begin = clock[0]

    def fail() -> None:
        clock[0] += 0.001
        raise ConnectionError

    with pytest.raises(ConnectionError), padded_time():
        fail()
    assert clock[0] - begin == pytest.approx(STEP_SECONDS)
