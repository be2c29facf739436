"""Lets child processes end when their parent dies, however it died."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def end_with_parent(signum: signal.Signals, parent: int | None = None) -> Callable[[], None] | None:
    """Return a function for ``preexec_fn`` after which the kernel sends the child a signal when its parent dies.

    signum: what the child is sent; each kind of process has one that ends it in good order.
    parent: process id of the parent; by default the process that calls this, before the child is made.
    Only Linux can do this; elsewhere the answer is None and the next start clears up what was left.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    expected = parent or os.getpid()

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != expected:  # it died before the line above
            os.kill(os.getpid(), signum)

    return ask_kernel
