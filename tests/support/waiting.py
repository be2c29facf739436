"""Waits for what another process or the database does in a moment."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 60
STEP_SECONDS = 0.02


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(STEP_SECONDS)
