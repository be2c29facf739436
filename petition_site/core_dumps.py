"""Keeps processes from leaving their memory on the disk: names, addresses and secrets are in it."""

from __future__ import annotations

import resource
from collections.abc import Callable


def forbid_core_dumps() -> None:
    """Let neither this process nor any that it starts leave a core dump when it crashes.

    systemd-coredump and apport keep none of such processes either. PR_SET_DUMPABLE would forbid it to other collectors,
    too, but takes /proc away from the account that looks after the processes; docs/operations.md says what to set.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def without_core_dumps(then: Callable[[], None] | None) -> Callable[[], None]:
    """Return a function for ``preexec_fn`` that forbids core dumps in a child alone, and calls another one."""

    def prepare() -> None:
        forbid_core_dumps()
        if then:
            then()

    return prepare
