"""How much of a processor something takes, whatever else runs on the machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

REPETITIONS = 3


def seconds_of(act: Callable[[], object], repetitions: int = REPETITIONS) -> float:
    """Return the least seconds of processor time that this process takes for it.

    Without looking for garbage, which begins only from some number of objects on, so that it would look like a square.

    :param repetitions: how often it is done
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
