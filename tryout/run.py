"""Starts the whole site on one machine: secrets, PostgreSQL, database, web server and worker.

``PORT`` (8000), ``HOST`` (127.0.0.1) and ``DATA_DIR`` (./var) are read from the environment. With ``DATABASE_URL`` the
site uses that database instead of the embedded server.
"""

from __future__ import annotations

import errno
import fcntl
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

from petition_site.core_dumps import forbid_core_dumps
from tryout.secrets_file import POSTGRES_SECRET, load_secrets
from tryout.start_error import StartError
from tryout.supervisor import Supervisor

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "petition"
PORT_MAX = 65_535
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# How long processes left over from a killed start may take to end and to free the port.
LEFTOVER_SECONDS = 45


class StoppedError(BaseException):
    """A signal asked us to stop; like KeyboardInterrupt it is not an Exception, so that error handlers let it pass."""


class Database(Protocol):
    """The methods used of the embedded server, which is imported only if needed."""

    def start(self) -> None: ...  # noqa: D102
    def stop(self) -> None: ...  # noqa: D102


@dataclass(frozen=True)
class Place:
    """The listening address of this start, and its data folder."""

    host: str
    port: int
    data: Path

    @classmethod
    def from_environment(cls) -> Place:
        """Read HOST, PORT and DATA_DIR.

        :raises StartError: if PORT is invalid
        """
        port = os.environ.get("PORT") or "8000"
        if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= PORT_MAX:
            message = f"PORT must be a number from 1 to {PORT_MAX}."
            raise StartError(message)
        data = Path(os.environ.get("DATA_DIR") or ROOT / "var").absolute()
        return cls(os.environ.get("HOST") or "127.0.0.1", int(port), data)

    @property
    def bind(self) -> str:
        """Return host and port in gunicorn's notation."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Return an origin for a browser on this machine, without a wildcard address."""
        try:
            is_wildcard = ipaddress.ip_address(self.host).is_unspecified
        except ValueError:
            is_wildcard = False
        return f"http://127.0.0.1:{self.port}" if is_wildcard else f"http://{self.bind}"


def say(text: str) -> None:
    """Print and flush a line; do nothing if standard output is closed."""
    with suppress(OSError, ValueError):
        print(text, flush=True)  # noqa: T201 - this is what the user sees


@contextmanager
def locked(data: Path) -> Iterator[bool]:
    """Lock the data folder, and yield whether the previous start was killed before it could clean up.

    :raises StartError: if another start has locked it
    """
    (data / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "run" / "lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip()
            message = f"The site already runs on {data} (process {pid}): stop it, or set another DATA_DIR and PORT."
            raise StartError(message) from None
        file.seek(0)
        was_cut_off = bool(file.read())
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield was_cut_off
        finally:
            file.truncate(0)


def check_port(place: Place, wait_seconds: float) -> None:
    """Check that we can listen on the address.

    :param wait_seconds: how long to wait for a used port to become free
    :raises StartError: if it stays in use, or cannot be bound
    """
    until = time.monotonic() + wait_seconds
    while True:
        try:
            family, kind, number, _, address = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind, number) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                message = f"Cannot listen on {place.bind} ({error.strerror}): set HOST and PORT."
                raise StartError(message) from error
            if time.monotonic() > until:
                message = f"Port {place.port} is taken by another program: stop it, or set PORT to another number."
                raise StartError(message) from error
            time.sleep(0.2)
        else:
            return


def environment(place: Place, secrets: dict[str, str], database_url: str) -> dict[str, str]:
    """Return the environment of all processes: the user's own, completed by what a local start needs."""
    mail = place.data / "mail"
    mail.mkdir(mode=0o700, exist_ok=True)
    defaults = {
        **secrets,
        "SITE_ORIGIN": place.origin,
        "EMAIL_URL": mail.as_uri(),
        "ERASURE_JOURNAL": str(place.data / "journal"),
        "MAIL_SENDER": "no-reply@petition.example.org",
    }
    given = {name for name in defaults if os.environ.get(name) or os.environ.get(f"{name}_FILE")}
    fixed = {
        "DATABASE_URL": database_url,
        "LOCAL_START": "1",
        "BIND": place.bind,
        "STATIC_ROOT": str(place.data / "static"),
        "DJANGO_SETTINGS_MODULE": "petition_site.settings",
        "PYTHON": sys.executable,
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
    return {**os.environ, **{name: value for name, value in defaults.items() if name not in given}, **fixed}


def serve(place: Place, *, was_cut_off: bool) -> int:
    """Start all processes, run until one ends or a signal comes, stop them in order, and return the exit code."""
    check_port(place, LEFTOVER_SECONDS if was_cut_off else 0)
    secrets = load_secrets(place.data / "secrets.env")
    postgres_secret = secrets.pop(POSTGRES_SECRET)
    database_url = os.environ.get("DATABASE_URL", "")
    server: Database | None = None
    try:
        if not database_url:
            from tryout.embedded import EmbeddedPostgres  # noqa: PLC0415 - imported only if needed

            say("Starting PostgreSQL ...")
            embedded = server = EmbeddedPostgres(place.data, postgres_secret)
            embedded.start()
            embedded.ensure_database(DATABASE)
            database_url = embedded.url(DATABASE)
        env = environment(place, secrets, database_url)
        say("Preparing the database and the static files ...")
        words = [sys.executable, "-m", "tryout.prepare", str(place.data)]
        organiser = place.data / "organiser.txt"
        had_organiser = organiser.exists()
        # It runs in a separate session, so that Ctrl-C reaches only us.
        prepared = subprocess.run(words, check=False, env=env, cwd=ROOT, start_new_session=True)
        if prepared.returncode:
            return prepared.returncode if prepared.returncode > 0 else 1
        announce(place, env, organiser, is_new=not had_organiser)
        return Supervisor(ROOT / "Procfile", env).run()
    finally:
        for signum in SIGNALS:  # nothing may interrupt stopping the server
            signal.signal(signum, signal.SIG_IGN)
        if server:
            say("Stopping PostgreSQL ...")
            server.stop()


def announce(place: Place, env: dict[str, str], organiser: Path, *, is_new: bool) -> None:
    """Print the site's addresses and how an organiser logs in."""
    say(f"\n  Site:   {env['SITE_ORIGIN']}/")
    say(f"  Admin:  {env['SITE_ORIGIN']}/admin/")
    if is_new and organiser.exists():
        for line in organiser.read_text(encoding="utf-8").splitlines()[1:]:
            say(f"          {line}")
        say(f"          (kept in {organiser})")
    elif organiser.exists():
        say(f"          (user name and first password are in {organiser})")
    if env["EMAIL_URL"] == (place.data / "mail").as_uri():
        say(f"  Mails:  {place.data / 'mail'}")
    say("\n  Ctrl-C stops it.\n")


def main() -> int:
    """Run the site and return the exit code: 0 if stopped by a signal, 1 if it cannot start."""

    def stop(_signum: int, _frame: FrameType | None) -> None:
        raise StoppedError

    for signum in SIGNALS:
        if signum != signal.SIGHUP or signal.getsignal(signum) != signal.SIG_IGN:  # nohup ignores it
            signal.signal(signum, stop)
    os.umask(0o077)
    forbid_core_dumps()
    try:
        place = Place.from_environment()
        with locked(place.data) as was_cut_off:
            return serve(place, was_cut_off=was_cut_off)
    except StoppedError:
        return 0
    except (StartError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
