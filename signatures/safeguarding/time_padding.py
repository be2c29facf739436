"""Keeps from the clock what an address has done before."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

# Longer than what is done usually takes, and too short to be felt.
STEP_SECONDS = 0.005


@contextmanager
def padded_time() -> Iterator[None]:
    """Let what is done take a whole number of steps, whether it succeeds or fails.

    To insert a row takes other microseconds than to change one, and to find that a token has expired takes others than
    to find that it is not ours. An attacker who measures thousands of answers sees steps, which hardly depend on that.
    """
    begin = time.monotonic()
    try:
        yield
    finally:
        time.sleep((begin - time.monotonic()) % STEP_SECONDS)
