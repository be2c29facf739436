"""Measures processor time, which is independent of other load on the machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

REPETITIONS = 3


def seconds_of(act: Callable[[], object], repetitions: int = REPETITIONS) -> float:
    """Return the minimum of processor seconds that this process needs for a call.

    Garbage collection is off: it only starts at some number of objects, which would look like quadratic growth.

    :param repetitions: number of calls
    """
    taken = []
    for _ in range(repetitions):
        gc.disable()
        try:
            began = time.process_time()
            act()
            taken.append(time.process_time() - began)
        finally:
            gc.enable()
    return min(taken)
