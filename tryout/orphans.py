"""Ends child processes when their parent dies, even if it was killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def end_with_parent(signum: signal.Signals, parent: int | None = None) -> Callable[[], None] | None:
    """Return a function for ``preexec_fn`` that makes the kernel signal the child when its parent dies.

    Only Linux supports this; elsewhere the result is None, and the next start stops leftover processes.

    :param signum: the signal for the child, by which this kind of process shuts down cleanly
    :param parent: process id of the parent; by default that of the process calling this, before the fork
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    expected = parent or os.getpid()

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != expected:  # the parent died before the call above
            os.kill(os.getpid(), signum)

    return ask_kernel
