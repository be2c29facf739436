"""Starts gunicorn with our configuration and settings on a separate database, and sends it requests."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import psycopg2
from psycopg2 import sql

from signatures.signing.forms import HONEYPOT
from tests.support.journals import environment_of
from tests.support.server.local_site import ROOT, START_SECONDS, STOP_SECONDS, free_port
from tryout.orphans import end_with_parent

HOST = "testserver"
# Published texts are frozen, so a test that only needs this question modifies the existing text directly.
ASK_FOR_CITY = """
ALTER TABLE signatures_textversion DISABLE TRIGGER frozen;
UPDATE signatures_textversion SET asks_city = true;
ALTER TABLE signatures_textversion ENABLE TRIGGER frozen;
"""
DROP_TRIES = 10
PETITION_PATH = "/ru/petitions/belarus-political-prisoners/"
SIGNER = {
    "visibility": "DELIVERED",
    "name": "Алесь «О’Коннор» Пушкін",
    "email": "ales@example.org",
    "country": "BY",
    "consent": "on",
    "version": "1",
    HONEYPOT: "",
}


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: Mapping[str, str]
    text: str


def signer(**values: str) -> dict[str, str]:
    """Return a filled-in sign form; many from one mail domain would be taken for a wave of fakes, and held."""
    who = uuid.uuid4().hex
    return {**SIGNER, "email": f"{who}@of-{who[:12]}.example.org", **values}


class UnixConnection(http.client.HTTPConnection):
    """A connection over a Unix socket, as from nginx or Tor."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__(HOST, timeout=timeout)
        self.socket_path = path

    def connect(self) -> None:
        """Connect to the path instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.socket_path)


def ask(
    connection: http.client.HTTPConnection,
    path: str,
    form: Mapping[str, str] | None = None,
    headers: Sequence[tuple[str, str]] = (),
) -> Answer:
    """Send one request, a POST if there is a form; headers are sent in this order, including duplicates."""
    body = None if form is None else urlencode(form, doseq=True).encode()
    connection.putrequest("GET" if body is None else "POST", path, skip_host=True)
    lines = [("Host", HOST), ("Sec-Fetch-Site", "same-origin"), *headers]
    if body is not None:
        lines += [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(body)))]
    for name, value in lines:
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    text = response.read().decode()
    return Answer(response.status, dict(response.getheaders()), text)


@contextmanager
def new_database(template: str, server_url: str = "") -> Iterator[tuple[str, str]]:
    """Create a database on a server, by default this test run's, yield its name and URL, and drop it."""
    name = f"web_{uuid.uuid4().hex}"
    server_url = server_url or os.environ["TEST_DATABASE_URL"]
    administrate(server_url, "CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        head, _, query = server_url.partition("?")
        yield name, f"{head.rpartition('/')[0]}/{name}?{query}"
    finally:
        _drop(server_url, name)


def _drop(server_url: str, name: str) -> None:
    # A cleaning process of the server, which only its administrator could end, stays there for a moment.
    for tries_left in reversed(range(DROP_TRIES)):
        try:
            administrate(server_url, "DROP DATABASE {} WITH (FORCE)", name)
        except psycopg2.errors.InsufficientPrivilege:
            if not tries_left:
                raise
            time.sleep(1)
        else:
            return


def administrate(server_url: str, statement: str, *names: str) -> None:
    """Run a statement outside of transactions, over a new connection, since the server may have been killed."""
    with closing(psycopg2.connect(server_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def manage(database_url: str, *words: str, **env: str) -> str:
    """Run a management command on a database and return what it prints."""
    process = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**environment_of(database_url), **env},
        check=False,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@dataclass
class WebSite:
    """gunicorn as in production, with four workers.

    folder: contains its log and its Unix sockets.
    env: settings in addition to those of the tests.
    binds: listeners in addition to the one on 127.0.0.1.
    """

    database_url: str
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    binds: Sequence[str] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """Return its output."""
        return (self.folder / "gunicorn.log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start it and wait until it responds."""
        binds = ",".join([f"127.0.0.1:{self.port}", *self.binds])
        self.env = {"ERASURE_JOURNAL": str(self.folder / "journal"), **self.env}
        env = {**os.environ, "DATABASE_URL": self.database_url, "WEB_WORKERS": "4", "BIND": binds, **self.env}
        with (self.folder / "gunicorn.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "petition_site.wsgi"],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - it makes one system call
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log
            try:
                if len(self.workers()) == int(env["WEB_WORKERS"]) and self.get("/-/live").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(self.log)

    def stop(self) -> None:
        """Stop it gracefully, and assert that it ends."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(STOP_SECONDS)

    def workers(self) -> list[psutil.Process]:
        """Return its worker processes."""
        assert self.process is not None
        return list(psutil.Process(self.process.pid).children())

    def connections_by_worker(self) -> dict[int, int]:
        """Return the number of visitors' connections by worker process, without those that have none."""
        places = {str(self.port), *(bind.removeprefix("unix:").rpartition(":")[2] for bind in self.binds)}
        # A listening Unix socket looks like a connected one; each process has one per listener.
        listening = sum(bind.startswith("unix:") for bind in self.binds)
        held = {
            worker.pid: sum(
                connection.status in {psutil.CONN_ESTABLISHED, psutil.CONN_NONE}
                and str(getattr(connection.laddr, "port", connection.laddr)) in places
                for connection in worker.net_connections("all")
            )
            - listening
            for worker in self.workers()
        }
        return {pid: number for pid, number in held.items() if number > 0}

    def connect(self, source: str = "", bind: str = "", timeout: float = 30) -> http.client.HTTPConnection:
        """Return a connection to a listener, from a source address of this machine."""
        if bind.startswith("unix:"):
            return UnixConnection(bind.removeprefix("unix:"), timeout)
        host, _, port = (bind or f"127.0.0.1:{self.port}").rpartition(":")
        return http.client.HTTPConnection(
            host.strip("[]"), int(port), timeout=timeout, source_address=(source, 0) if source else None
        )

    def get(self, path: str, headers: Sequence[tuple[str, str]] = (), **where: Any) -> Answer:
        """Request a page over a new connection."""
        with closing(self.connect(**where)) as connection:
            return ask(connection, path, None, headers)

    def post(self, path: str, form: Mapping[str, str], headers: Sequence[tuple[str, str]] = (), **where: Any) -> Answer:
        """Submit a form over a new connection."""
        with closing(self.connect(**where)) as connection:
            return ask(connection, path, form, headers)

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement in its database and return the rows."""
        with closing(psycopg2.connect(self.database_url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def web_site(
    template: str, folder: Path, env: Mapping[str, str] | None = None, binds: Sequence[str] = ()
) -> Iterator[WebSite]:
    """Run a site on a copy of a database, and clean both up afterwards."""
    with new_database(template) as (_, url):
        site = WebSite(url, folder, env or {}, binds)
        try:
            site.start()
            yield site
        finally:
            site.stop()
