"""Measures the export over HTTP against psql's own copy of the same query."""

from __future__ import annotations

import contextlib
import http.client
import http.cookies
import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
from django.db import connection

from signatures.delivering.columns import Layout
from signatures.delivering.rows import NameList, Snapshot
from signatures.models import Delivery, Recipient
from tryout.embedded import programs

PIECE_BYTES = 65536
HIGHEST_ID = 2**62
SAMPLE_SECONDS = 0.01


@dataclass
class Export:
    """Figures of one export over HTTP.

    :param seconds: from the request to the last byte
    :param first_byte: seconds to the first byte of the body
    :param size: bytes of the file
    :param growth: bytes by which the largest worker grew at most
    :param child: bytes of the largest process that a worker started
    """

    seconds: float
    first_byte: float
    size: int
    growth: int
    child: int


class Desk:
    """An organiser's browser."""

    def __init__(self, port: int, username: str, password: str) -> None:
        """Log in."""
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies: dict[str, str] = {}
        token = self.token("/admin/login/")
        self.send(
            "/admin/login/", username=username, password=password, csrfmiddlewaretoken=token, next="/admin/"
        ).read()

    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def _keep_cookies(self, answer: http.client.HTTPResponse) -> None:
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(header).items():
                self.cookies[name] = morsel.value

    def token(self, path: str) -> str:
        """Open a page and return the token in its form."""
        self.link.request("GET", path, headers=self._headers())
        answer = self.link.getresponse()
        self._keep_cookies(answer)
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
        if found is None:
            raise RuntimeError(f"no form at {path}: {answer.status}")
        return found.group(1)

    def read(self, path: str) -> bytes:
        """Open a page that must be there."""
        self.link.request("GET", path, headers=self._headers())
        answer = self.link.getresponse()
        content = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path}: {answer.status}")
        return content

    def send(self, path: str, **fields: str) -> http.client.HTTPResponse:
        """Send a form and return the answer, whose body is still to be read."""
        headers = self._headers() | {"Content-Type": "application/x-www-form-urlencoded"}
        self.link.request("POST", path, urlencode(fields), headers)
        answer = self.link.getresponse()
        self._keep_cookies(answer)
        return answer


def export_over_http(desk: Desk, recipient: Recipient, server: psutil.Process) -> Export:
    """Download the list while watching the workers' memory."""
    path = f"/admin/signatures/petition/{recipient.petition_id}/export/"
    fields = {"recipient": str(recipient.pk), "language": "en", "delimiter": ",", "reason": "benchmark"}
    return _download(desk, path, fields, server)


def package_over_http(desk: Desk, delivery: Delivery, server: psutil.Process) -> Export:
    """Download a hand-over's ZIP while watching the memory of the workers and their children."""
    path = f"/admin/signatures/delivery/{delivery.pk}/change/"
    return _download(desk, path, {"action": "package", "password": ""}, server)


def _download(desk: Desk, path: str, fields: dict[str, str], server: psutil.Process) -> Export:
    token = desk.token(path)
    before = {worker.pid: worker.memory_info().rss for worker in server.children()}
    highest = dict(before)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            for process in server.children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    highest[process.pid] = max(highest.get(process.pid, 0), process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    answer = desk.send(path, csrfmiddlewaretoken=token, **fields)
    size = len(answer.read(1))
    first_byte = time.perf_counter() - started
    while piece := answer.read(PIECE_BYTES):
        size += len(piece)
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    growth = max(highest[pid] - rss for pid, rss in before.items())
    child = max((rss for pid, rss in highest.items() if pid not in before), default=0)
    return Export(seconds, first_byte, size, growth, child)


def export_by_psql(recipient: Recipient, url: str, target: Path) -> float:
    """Copy the same rows by psql into a file and return the seconds."""
    # The columns and the checks are those of the export; only the blocks are left out.
    connection.ensure_connection()
    with contextlib.closing(Snapshot()) as snapshot:
        query = NameList(snapshot, recipient, Layout("en", ",")).block(0, HIGHEST_ID, 0)
    text = query.as_string(connection.connection)
    command = f"\\copy ({text}) TO '{target}' WITH (FORMAT csv)"
    started = time.perf_counter()
    subprocess.run(
        [str(programs() / "bin" / "psql"), "--quiet", "--no-psqlrc", url, "--command", command],
        check=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    return time.perf_counter() - started
