"""Prevents core dumps, which would write names, addresses and secrets from memory to the disk."""

from __future__ import annotations

import resource
from collections.abc import Callable


def forbid_core_dumps() -> None:
    """Disable core dumps for this process and its children.

    systemd-coredump and apport respect this, too. PR_SET_DUMPABLE would also stop other collectors, but it hides /proc
    entries from the account that monitors the processes; docs/operations.md says what to set instead.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def without_core_dumps(then: Callable[[], None] | None) -> Callable[[], None]:
    """Return a function for ``preexec_fn`` that disables core dumps in the child only, then calls another function."""

    def prepare() -> None:
        forbid_core_dumps()
        if then:
            then()

    return prepare
