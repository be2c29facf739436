"""Runs the processes of the Procfile together, and stops all when one ends or a signal arrives."""

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

# Seconds before SIGKILL: more than the graceful shutdown of gunicorn and of the worker may take.
STOP_SECONDS = 40
SIGNAL_CODES = {entry["rc"] for entry in manager.SIGNALS.values()}


class TolerantPrinter(Printer):  # type: ignore[misc] # honcho has no types
    """Ignores errors while printing: a closed terminal must not prevent an orderly shutdown."""

    def write(self, message: Any) -> None:
        """Print a message, or discard it and all further ones if standard output is closed."""
        try:
            super().write(message)
        except (OSError, ValueError):
            self.output = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open until the end


class Child(process.Process):  # type: ignore[misc]
    """A process that ends when the supervisor does, even if that is killed."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:  # noqa: FBT001, FBT002 - as in honcho
        """Start the process and forward its output; honcho runs this in an intermediate process."""
        parent = multiprocessing.parent_process()
        ask_kernel = end_with_parent(signal.SIGKILL, parent.pid if parent else None)
        if ask_kernel:
            ask_kernel()
        self._child_ctor = functools.partial(process.Popen, preexec_fn=end_with_parent(signal.SIGTERM))
        super().run(events, ignore_signals)


class Supervisor(manager.Manager):  # type: ignore[misc]
    """honcho's manager, made safe against signals that arrive at any moment."""

    def __init__(self, procfile: Path, env: Mapping[str, str]) -> None:
        """Read the processes from a Procfile; all get this environment and run in the Procfile's folder."""
        super().__init__(TolerantPrinter(sys.stdout))
        manager.KILL_WAIT = STOP_SECONDS
        self._process_ctor = Child
        self._is_ending = False
        for name, command in parse_procfile(procfile.read_text(encoding="utf-8")).processes.items():
            self.add_process(name, command, env=dict(env), cwd=str(procfile.parent))

    def run(self) -> int:
        """Run all processes; return 0 after a signal, else the exit code of the first that ended, or 1 if that is 0."""
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        self.loop()
        return 0 if self.returncode in SIGNAL_CODES else abs(self.returncode or 1)

    def terminate(self) -> None:
        """Stop the processes, or defer that until all have started: honcho's own method fails before."""
        self._is_ending = True
        if self._all_started():
            super().terminate()

    def _any_stopped(self) -> bool:
        return self._is_ending or bool(super()._any_stopped())

    def _system_print(self, data: str) -> None:
        # The other messages come from signal handlers, in which printing fails if it interrupts another print.
        if " stopped " in data:
            super()._system_print(data)
