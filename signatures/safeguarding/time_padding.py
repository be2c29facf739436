"""Pads the time of responses, so that it does not reveal whether an address has signed before."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

# Longer than the padded work usually takes, and too short to notice.
STEP_SECONDS = 0.005
# For what is noted in the erasure journal: two statements, a trigger, and a wait for the disk.
JOURNAL_STEP_SECONDS = 0.01


@contextmanager
def padded_time(step: float = STEP_SECONDS) -> Iterator[None]:
    """Pad the time of a block to a multiple of some seconds, whether it succeeds or fails.

    Inserting a row takes a different number of microseconds than updating one, and so does rejecting an expired token
    instead of a forged one. An attacker who measures thousands of responses sees only steps, which hardly depend on it.
    """
    begin = time.monotonic()
    try:
        yield
    finally:
        time.sleep((begin - time.monotonic()) % step)
