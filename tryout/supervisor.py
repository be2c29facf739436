"""Runs the processes of the Procfile together: when one ends, or we are told to, all of them end."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from honcho import manager, process
from honcho.environ import parse_procfile
from honcho.printer import Printer

from tryout.orphans import end_with_parent

# Seconds before SIGKILL: more than gunicorn and the worker give themselves to finish what they are at.
STOP_SECONDS = 40
SIGNAL_CODES = {entry["rc"] for entry in manager.SIGNALS.values()}


class TolerantPrinter(Printer):  # type: ignore[misc] # honcho has no types
    """Prints while somebody reads: a closed terminal must not keep the processes from ending in good order."""

    def write(self, message: Any) -> None:
        """Print one message, or drop it where standard output is gone."""
        try:
            super().write(message)
        except (OSError, ValueError):
            self.output = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open until the end


class Child(process.Process):  # type: ignore[misc]
    """A process that ends with us even if we are killed."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:  # noqa: FBT001, FBT002 - as in honcho
        """Start the process and pass on what it prints; runs in a process of honcho's own between us and it."""
        parent = multiprocessing.parent_process()
        ask_kernel = end_with_parent(signal.SIGKILL, parent.pid if parent else None)
        if ask_kernel:
            ask_kernel()
        self._child_ctor = functools.partial(process.Popen, preexec_fn=end_with_parent(signal.SIGTERM))
        super().run(events, ignore_signals)


class Supervisor(manager.Manager):  # type: ignore[misc]
    """honcho's manager, made safe against signals at any moment."""

    def __init__(self, procfile: Path, env: Mapping[str, str]) -> None:
        """Read the processes from a Procfile; they get the environment and run in the Procfile's folder."""
        super().__init__(TolerantPrinter(sys.stdout))
        manager.KILL_WAIT = STOP_SECONDS
        self._process_ctor = Child
        self._is_ending = False
        for name, command in parse_procfile(procfile.read_text(encoding="utf-8")).processes.items():
            self.add_process(name, command, env=dict(env), cwd=str(procfile.parent))

    def run(self) -> int:
        """Run the processes until the end; return 0 if a signal ended them, else the first dead's code, never 0."""
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        self.loop()
        return 0 if self.returncode in SIGNAL_CODES else abs(self.returncode or 1)

    def terminate(self) -> None:
        """Tell the processes to end, or remember to, where not all have started: honcho's own fails at that moment."""
        self._is_ending = True
        if self._all_started():
            super().terminate()

    def _any_stopped(self) -> bool:
        return self._is_ending or bool(super()._any_stopped())

    def _system_print(self, data: str) -> None:
        # The other messages come from signal handlers, in which printing fails if it interrupts printing.
        if " stopped " in data:
            super()._system_print(data)
