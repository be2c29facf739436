"""The programs of a cluster as processes that can be killed, set up by the files of deploy/cluster."""

from __future__ import annotations

import random
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.support.cluster.debian_postgres import owned_folder, postgres_programs
from tests.support.server.local_site import ROOT, STOP_SECONDS
from tryout.orphans import end_with_parent
from tryout.server_account import Account

FILES = ROOT / "deploy" / "cluster"
NAMES = ("m1", "m2", "m3")
PASSWORDS = ("POSTGRES", "REPLICATION", "REWIND", "PETITION", "PATRONI", "REDIS")
HERE = "127.0.0.1"
BLANK = re.compile(r"@[A-Z0-9_]+@")
POLL_SECONDS = 0.05
# What systemd waits before it starts a program again that has died.
RESTART_SECONDS = 1.0


class Addresses:
    """Addresses of machines that nobody else on this one uses, with the ports of the shipped files."""

    def __init__(self) -> None:
        """Choose a network of loopback addresses."""
        head = f"127.{random.randrange(16, 250)}.{random.randrange(250)}"  # noqa: S311
        self.machines = {name: f"{head}.{number}" for number, name in enumerate(NAMES, start=1)}
        # What each machine calls 127.0.0.1.
        self.local = f"{head}.9"
        self.passwords = {name: secrets.token_hex(12) for name in PASSWORDS}

    def fill(self, file: str, machine: str, folder: Path, **places: str) -> str:
        """Return a file of deploy/cluster as fill.sed makes it for a machine.

        folder: where that machine keeps everything.
        places: further texts and what stands in their place, such as paths.
        """
        values = {name.upper(): address for name, address in self.machines.items()}
        values |= {f"{name}_PASSWORD": word for name, word in self.passwords.items()}
        values |= {
            "NAME": machine,
            "ADDRESS": self.machines[machine],
            "NETWORK": "127.0.0.0/8",
            "PROGRAMS": str(postgres_programs()),
            "DATA": f"{folder}/data",
            "SOCKETS": str(folder),
        }
        text = (FILES / file).read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        for old, new in places.items():
            assert old in text, f"{file}: {old}"
            text = text.replace(old, new)
        text = text.replace(HERE, self.local)
        assert not BLANK.search(text), f"{file}: {BLANK.findall(text)}"
        return text


@dataclass
class Part:
    """One program of the cluster.

    name: what it is called in the figures.
    folder: holds its files and its log.
    """

    name: str
    command: Sequence[str]
    folder: Path
    account: Account
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """Return its output."""
        return (self.folder / f"{self.name}.log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start it; it ends with the thread that has started it."""
        other = self.account.is_other
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", **self.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent(signal.SIGKILL),  # noqa: PLW1509 - it makes one system call
                user=self.account.uid if other else None,
                group=self.account.gid if other else None,
                extra_groups=[] if other else None,
            )

    def kill(self) -> None:
        """Kill it and all that it has started, at once, as if its machine were lost."""
        if self.process is None:
            return
        # Frozen first, so that none starts another meanwhile.
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)
        found = list(self._processes())
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(found, timeout=STOP_SECONDS)
        self.process.wait(STOP_SECONDS)

    def _processes(self) -> Iterator[psutil.Process]:
        """Yield its processes, and those at work in its folder: Patroni's PostgreSQL is not its child."""
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                is_ours = self.process is not None and process.pid == self.process.pid
                if is_ours or Path(process.cwd()).is_relative_to(self.folder):
                    yield process

    def is_running(self) -> bool:
        """Return whether it has not ended."""
        return self.process is not None and self.process.poll() is None


def write(folder: Path, name: str, text: str, account: Account) -> Path:
    """Write a file that only the account can read."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    if account.is_other:
        shutil.chown(path, account.uid, account.gid)
    return path


def machine_folder(parent: Path, name: str, account: Account) -> Path:
    """Return the folder of a machine's program, made anew."""
    return owned_folder(parent / name, account)


def wait_until(is_so: Callable[[], bool], what: str, seconds: float) -> None:
    """Wait until a condition holds, and fail if it takes longer."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"after {seconds} seconds it is still not so that {what}"
        time.sleep(POLL_SECONDS)
