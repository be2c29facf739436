"""Stands in for systemd: holds the sockets of the web server, hands them over, and starts one release after another."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.server.local_site import ROOT, START_SECONDS, STOP_SECONDS
from tests.support.server.nginx_front import HOST
from tryout.orphans import end_with_parent

UNIT = ROOT / "deploy" / "systemd" / "petition-web.service"
COMMAND = "/srv/petition/current/.venv/bin/python -m gunicorn -c gunicorn.conf.py petition_site.wsgi"
BACKLOG = 4096
# As systemd does: descriptors from 3 on, the number of them, and whom they are for (sd_listen_fds(3)).
HAND_OVER = """
import os, sys
given = [os.dup(int(number)) for number in sys.argv[1].split(",")]
given = [os.dup2(os.dup(one), 100 + place) for place, one in enumerate(given)]
for place, one in enumerate(given):
    os.dup2(one, 3 + place)
    os.close(one)
os.environ |= {"LISTEN_FDS": str(len(given)), "LISTEN_PID": str(os.getpid())}
os.execvp(sys.argv[2], sys.argv[2:])
"""
# What a release tells of itself, and an answer that takes a while.
RELEASE = """

import time

_answer = application


def application(environ, start_response):
    def started(status, headers, *more):
        return start_response(status, [*headers, ("X-Release", "{number}")], *more)

    if environ["PATH_INFO"] == "/-/slow":
        time.sleep(1.5)
        started("200 OK", [("Content-Length", "4")])
        return [b"slow"]
    return _answer(environ, started)
"""


def web_command() -> list[str]:
    """Return the command by which the unit starts the web server, under this Python."""
    command = COMMAND
    if UNIT.exists():
        found = re.search(r"^ExecStart=(.+?)$", UNIT.read_text(encoding="utf-8").replace("\\\n", " "), re.MULTILINE)
        assert found
        command = found[1].lstrip("-:@!+")
    program, *words = shlex.split(command)
    name = Path(program).name
    return [sys.executable, *words] if name.startswith("python") else [sys.executable, "-m", name, *words]


def make_release(folder: Path, number: int) -> Path:
    """Make a release of this code that tells its number in a header."""
    release = folder / "releases" / str(number)
    release.mkdir(parents=True)
    for name in ("signatures", "templates", "static", "locale"):
        (release / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "petition_site", release / "petition_site", ignore=shutil.ignore_patterns("__pycache__"))
    # Copied: Python looks for modules beside the file that a link leads to.
    for name in ("gunicorn.conf.py", "manage.py"):
        shutil.copy(ROOT / name, release)
    with (release / "petition_site" / "wsgi.py").open("a", encoding="utf-8") as wsgi:
        wsgi.write(RELEASE.format(number=number))
    return release


def settings_behind_nginx(database_url: str, folder: Path) -> dict[str, str]:
    """Return the settings of a site behind nginx of this machine, with a journal in a folder."""
    return {
        "DATABASE_URL": database_url,
        "ERASURE_JOURNAL": f"{folder}/journal",
        "SITE_ORIGIN": f"https://{HOST}",
        "ALLOWED_HOSTS": "testserver",
        "TRUSTED_PROXIES": "1",
        "WEB_WORKERS": "2",
        "FORM_RATES": "100000/m",
    }


@dataclass
class SocketHolder:
    """The sockets of a web server, and whatever release is started behind them.

    folder: contains the sockets, the releases and the log.
    env: settings of the site; no BIND.
    names: the sockets, by file name.
    """

    folder: Path
    env: Mapping[str, str]
    names: Sequence[str] = ("web.sock",)
    sockets: list[socket.socket] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """Return the web server's output."""
        return (self.folder / "web.log").read_text(encoding="utf-8", errors="replace")

    def restart(self, number: int) -> None:
        """Do what ``systemctl restart`` does after another release was put in place."""
        self.stop()
        current = self.folder / "current"
        current.unlink(missing_ok=True)
        current.symlink_to(self.folder / "releases" / str(number))
        self.start()

    def start(self) -> None:
        """Start the web server, and wait until it says that it is ready (sd_notify(3))."""
        told = self.folder / "notify.sock"
        told.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(told))
            notify.settimeout(START_SECONDS)
            self.run({"NOTIFY_SOCKET": str(told)})
            try:
                assert b"READY=1" in notify.recv(4096)
            except TimeoutError:
                raise AssertionError(self.log) from None

    def run(self, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Run the web server's command with the sockets."""
        numbers = [listener.fileno() for listener in self.sockets]
        with (self.folder / "web.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", HAND_OVER, ",".join(map(str, numbers)), *web_command()],
                cwd=self.folder / "current",
                env={**os.environ, **self.env, **env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=numbers,
                preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - it makes one system call
            )
        return self.process

    def stop(self) -> None:
        """Stop the web server; the sockets stay."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(STOP_SECONDS)


@contextmanager
def held_sockets(folder: Path, env: Mapping[str, str], names: Sequence[str] = ("web.sock",)) -> Iterator[SocketHolder]:
    """Hold sockets in a folder until the end of the block."""
    with ExitStack() as stack:
        holder = SocketHolder(folder, env, names)
        for name in names:
            listener = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            listener.bind(str(folder / name))
            listener.listen(BACKLOG)
            holder.sockets.append(listener)
        stack.callback(holder.stop)
        yield holder
