"""How much of a processor something takes, whatever else runs on the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

REPETITIONS = 3


def seconds_of(act: Callable[[], object]) -> float:
    """Return the least seconds of processor time that this process takes for it."""
    taken = []
    for _ in range(REPETITIONS):
        began = time.process_time()
        act()
        taken.append(time.process_time() - began)
    return min(taken)
