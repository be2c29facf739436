"""Runs Prometheus' own checker."""

from __future__ import annotations

import subprocess

from tests.support.programs import require_program

SECONDS_MAX = 60


def promtool(*words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run promtool, and return what became of it.

    :param given: what it reads from its standard input
    """
    return subprocess.run(
        [require_program("promtool"), *words],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )
