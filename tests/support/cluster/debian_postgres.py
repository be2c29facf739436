"""Runs a PostgreSQL of Debian's packages that others can follow."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from tests.support.server.local_site import free_port
from tryout.orphans import end_with_parent
from tryout.server_account import Account, let_reach, server_account

PROGRAMS = Path("/usr/lib/postgresql")
PASSWORD = "of tests"
START_SECONDS = 60
SETTINGS = {
    # What is killed here are processes; nobody pulls the plug.
    "fsync": "off",
    "listen_addresses": "'127.0.0.1'",
    "wal_level": "replica",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "min_wal_size": "32MB",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


def postgres_programs() -> Path:
    """Return the folder of the newest server programs, or skip the test; with CI_REQUIRE_ALL=1 it fails instead."""
    found = sorted(PROGRAMS.glob("*/bin"), key=lambda path: int(path.parent.name))
    found = [path for path in found if (path / "pg_basebackup").exists() and (path / "initdb").exists()]
    if found:
        return found[-1]
    reason = "postgresql is not installed"
    if os.environ.get("CI_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def servers_folder() -> Iterator[Path]:
    """Make a folder that other accounts can reach, in that of this run, which the next one removes if this is killed.

    Below pytest's own temporary folders none can: each run of pytest closes them anew.
    """
    with tempfile.TemporaryDirectory(
        prefix="servers-", dir=Path(os.environ["STATIC_ROOT"]).parent, ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


def owned_folder(path: Path, account: Account) -> Path:
    """Make a folder that the account of the servers owns, and can reach."""
    path.mkdir(mode=0o700, parents=True)
    let_reach(path, account)
    if account.is_other:
        os.chown(path, account.uid, account.gid)
    return path


@dataclass
class DebianPostgres:
    """A server with its own folder.

    folder: where it keeps everything; must not exist yet.
    follows: the server that it is a copy of.
    """

    folder: Path
    follows: DebianPostgres | None = None
    port: int = field(default_factory=free_port)
    account: Account = field(default_factory=server_account)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Return its data folder."""
        return self.folder / "data"

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgres://postgres:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def make(self) -> None:
        """Make the cluster, empty or as a copy."""
        owned_folder(self.folder, self.account)
        secret = self.folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        shutil.chown(secret, self.account.uid, self.account.gid)
        if self.follows is None:
            words = [
                "--auth=scram-sha-256",
                "--username=postgres",
                f"--pwfile={secret}",
                "--locale=C.UTF-8",
                "--no-sync",
            ]
            self.run("initdb", *words, "--encoding=UTF8", "-D", str(self.data))
            with (self.data / "postgresql.conf").open("a", encoding="utf-8") as conf:
                settings = SETTINGS | {"unix_socket_directories": f"'{self.folder}'"}
                conf.writelines(f"{name} = {value}\n" for name, value in settings.items())
            return
        self.run("pg_basebackup", "-R", "-c", "fast", "-D", str(self.data), "-d", self.follows.url())

    def run(self, program: str, *words: str) -> None:
        """Run a program of PostgreSQL to its end."""
        subprocess.run(
            [postgres_programs() / program, *words],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._as_account(),
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = ["-D", str(self.data), "-p", str(self.port), "-c", f"unix_socket_directories={self.folder}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [postgres_programs() / "postgres", *words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent(signal.SIGQUIT),  # noqa: PLW1509 - it makes one system call
                **self._as_account(),
            )
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.query("SELECT 1")
            except psycopg2.OperationalError:
                log_text = (self.folder / "log").read_text(encoding="utf-8")
                assert self.process.poll() is None, log_text
                assert time.monotonic() < until, log_text
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """Kill all its processes at once, as if its machine were lost."""
        if self.process is not None and self.process.poll() is None:
            server = psutil.Process(self.process.pid)
            for process in (server, *server.children(recursive=True)):
                process.kill()
            self.process.wait(START_SECONDS)

    def promote(self) -> None:
        """Let a copy become a primary of its own."""
        self.query("SELECT pg_promote()")

    def query(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        with closing(psycopg2.connect(self.url(database))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []

    def _as_account(self) -> dict[str, Any]:
        return (
            {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account.is_other else {}
        )
