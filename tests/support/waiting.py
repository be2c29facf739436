"""Waits for effects of other processes or the database."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 60
STEP_SECONDS = 0.02


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until a condition holds, or fail after a timeout."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(STEP_SECONDS)
