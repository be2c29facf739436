"""Starts the whole site as a user does, and inspects it from outside."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg2

from tests.support.environment import FOREIGN_NAMES, TEST_ENVIRONMENT
from tryout.embedded import EmbeddedPostgres
from tryout.run import DATABASE
from tryout.secrets_file import POSTGRES_SECRET, load_secrets

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("petition_site", "signatures", "tryout", "templates", "static", "locale")
FILES = ("manage.py", "Makefile", "Procfile", "gunicorn.conf.py", "requirements.txt", "requirements-dev.txt")
START_SECONDS = 90  # a first start on a busy machine
STOP_SECONDS = 60
OWN_NAMES = {*TEST_ENVIRONMENT, *FOREIGN_NAMES, "DATABASE_URL", "EMAIL_URL", "STATIC_ROOT", "ERASURE_JOURNAL"}


def free_port() -> int:
    """Return a port that is currently free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def copy_source(folder: Path) -> Path:
    """Copy the files needed for a start into a new folder and return it."""
    folder.mkdir(parents=True)
    for name in SOURCES:
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    return folder


@dataclass
class LocalSite:
    """One ``python -m tryout.run``.

    data: its DATA_DIR.
    root: the source folder.
    env: additional environment variables.
    command: command to run instead of the module under this Python.
    uid: the account to run under, if not ours.
    seconds: time from start until the first response.
    """

    data: Path
    root: Path = ROOT
    env: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = (sys.executable, "-m", "tryout.run")
    uid: int | None = None
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None
    seconds: float = 0.0

    def start(self) -> None:
        """Start it, wait until it responds, and record how long that took."""
        begin = time.monotonic()
        env = {name: value for name, value in os.environ.items() if name not in OWN_NAMES}
        env |= {"PORT": str(self.port), "DATA_DIR": str(self.data), **self.env}
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with self._output("out").open("w") as out, self._output("err").open("w") as err:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.root,
                env=env,
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                user=self.uid,
                group=self.uid,
                extra_groups=None if self.uid is None else [],
            )
        while time.monotonic() - begin < START_SECONDS:
            assert self.process.poll() is None, f"it ended by itself:\n{self.output}\n{self.errors}"
            try:
                self.status("/")
            except OSError:
                time.sleep(0.05)
            else:
                self.seconds = time.monotonic() - begin
                return
        message = f"it does not answer:\n{self.output}\n{self.errors}"
        raise AssertionError(message)

    def end(self, signum: signal.Signals = signal.SIGTERM, *, as_terminal: bool = False) -> int:
        """Send a signal to the parent, or to the whole group as a terminal does; return the exit code."""
        assert self.process is not None
        if as_terminal:
            os.killpg(self.process.pid, signum)
        else:
            self.process.send_signal(signum)
        return self.process.wait(STOP_SECONDS)

    def kill_everything(self) -> None:
        """Kill all processes at once, like a power failure."""
        processes = self.processes()
        for process in processes:
            # It may have ended in the meantime.
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=STOP_SECONDS)
        assert self.process is not None
        self.process.wait(STOP_SECONDS)

    def processes(self) -> list[psutil.Process]:
        """Return the parent and all its descendants."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def status(self, path: str, headers: Mapping[str, str] | None = None) -> int:
        """Return the status of a page; raises OSError if nothing responds."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path, headers=dict(headers or {}))
            return connection.getresponse().status

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement in the database and return its rows."""
        secret = load_secrets(self.data / "secrets.env")[POSTGRES_SECRET]
        with closing(psycopg2.connect(EmbeddedPostgres(self.data, secret).url(DATABASE))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []

    @property
    def output(self) -> str:
        """Return its standard output since the start."""
        return self._output("out").read_text(encoding="utf-8", errors="replace")

    @property
    def errors(self) -> str:
        """Return its standard error since the start."""
        return self._output("err").read_text(encoding="utf-8", errors="replace")

    def _output(self, kind: str) -> Path:
        return self.data.with_name(f"{self.data.name}.{kind}")


@contextmanager
def running(site: LocalSite) -> Iterator[LocalSite]:
    """Start a site, and kill all its processes afterwards."""
    try:
        site.start()
        yield site
    finally:
        if site.process and site.process.poll() is None:
            site.kill_everything()
