"""Visitors who are slow on purpose, or stop in the middle, hold up nobody; those who read slowly get everything."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from petition_site.server.gunicorn_worker import PAUSE_SECONDS
from tests.support.server.local_site import ROOT, free_port
from tests.support.server.web_site import HOST, PETITION_PATH, WebSite, web_site

pytestmark = pytest.mark.xdist_group("servers")

HEAD = f"GET {PETITION_PATH} HTTP/1.1\r\nHost: {HOST}\r\nX-".encode()
BODY = (
    f"POST {PETITION_PATH} HTTP/1.1\r\nHost: {HOST}\r\nSec-Fetch-Site: same-origin\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nvisibility=COUNTED&na"
).encode()
THREADS = 2
REQUEST_SECONDS = 3
DRIP_SECONDS = 0.3
# What a busy machine may take besides.
SLACK_SECONDS = 3
STREAM_SECONDS = 4
STREAM = f"""
import time

def application(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "{STREAM_SECONDS}")])
    for number in range({STREAM_SECONDS}):
        time.sleep(1)
        yield b"x"
"""


@pytest.fixture(scope="module")
def site(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run one process with two threads, which wait for a request for three seconds."""
    env = {"WEB_WORKERS": "1", "WEB_THREADS": str(THREADS), "REQUEST_SECONDS": str(REQUEST_SECONDS)}
    with web_site(loaded_database, tmp_path_factory.mktemp("slow"), env) as site:
        yield site


@pytest.fixture(scope="module")
def patient_site(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run the same with the time that is the default."""
    env = {"WEB_WORKERS": "1", "WEB_THREADS": str(THREADS)}
    with web_site(loaded_database, tmp_path_factory.mktemp("patient"), env) as site:
        yield site


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a tiny application whose answer takes longer than a request may; yield its port."""
    folder = tmp_path_factory.mktemp("stream")
    (folder / "stream.py").write_text(STREAM, encoding="utf-8")
    port = free_port()
    env = {"PYTHONPATH": str(folder), "BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "1", "REQUEST_SECONDS": "3"}
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "stream"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
    try:
        for _ in range(200):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(40)


def connect(port: int) -> socket.socket:
    """Return a connection of a visitor."""
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def drip(link: socket.socket, seconds: float) -> tuple[float, bytes]:
    """Send a byte now and then; return after how long the other side had enough, and what it said."""
    begin = time.monotonic()
    link.settimeout(DRIP_SECONDS)
    while time.monotonic() - begin < seconds:
        try:
            link.sendall(b"a")
            answer = link.recv(65536)
        except TimeoutError:
            continue
        except ConnectionError:
            answer = b""
        return time.monotonic() - begin, answer
    pytest.fail("nobody had enough")


def assert_served(site: WebSite) -> None:
    """Assert that another visitor is served at once, and that nothing was logged of those who were slow."""
    begin = time.monotonic()
    assert site.get(PETITION_PATH).status == 200
    assert time.monotonic() - begin < 2
    assert "Traceback" not in site.log
    assert "File " not in site.log
    assert "rror" not in site.log


@pytest.mark.parametrize("start", [HEAD, BODY], ids=["head", "body"])
def test_visitors_who_drip_are_cut_off_and_others_served(site: WebSite, start: bytes) -> None:
    links = [connect(site.port) for _ in range(THREADS)]
    results: list[tuple[float, bytes]] = []

    def visit(link: socket.socket) -> None:
        link.sendall(start)
        results.append(drip(link, REQUEST_SECONDS + SLACK_SECONDS))

    visitors = [threading.Thread(target=visit, args=[link]) for link in links]
    try:
        for visitor in visitors:
            visitor.start()
        # All threads are taken until the slow ones are cut off, and then there is one for this visitor.
        assert site.get(PETITION_PATH).status == 200
        for visitor in visitors:
            visitor.join()
    finally:
        for link in links:
            link.close()
    assert len(results) == THREADS
    for seconds, answer in results:
        assert REQUEST_SECONDS - 1 <= seconds <= REQUEST_SECONDS + SLACK_SECONDS
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert_served(site)


@pytest.mark.parametrize("start", [HEAD, BODY], ids=["head", "body"])
def test_visitors_who_stop_in_the_middle_are_cut_off_and_others_served(patient_site: WebSite, start: bytes) -> None:
    links = [connect(patient_site.port) for _ in range(THREADS)]
    begin = time.monotonic()
    try:
        for link in links:
            link.sendall(start)
        answers = [link.recv(65536) for link in links]
        assert PAUSE_SECONDS - 1 <= time.monotonic() - begin <= PAUSE_SECONDS + SLACK_SECONDS
        assert all(answer == b"" or answer.startswith(b"HTTP/1.1 400 ") for answer in answers)
    finally:
        for link in links:
            link.close()
    assert_served(patient_site)


def test_visitors_who_say_nothing_take_no_thread_and_are_sent_away(site: WebSite) -> None:
    links = [connect(site.port) for _ in range(THREADS * 5)]
    begin = time.monotonic()
    try:
        assert_served(site)
        assert [link.recv(1) for link in links] == [b""] * len(links)
        assert time.monotonic() - begin >= REQUEST_SECONDS - 1
    finally:
        for link in links:
            link.close()


def test_visitors_who_do_not_close_hold_up_nobody(site: WebSite) -> None:
    request = f"GET {PETITION_PATH} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
    links = [connect(site.port) for _ in range(THREADS * 5)]
    try:
        for link in links:
            link.sendall(request)
            assert link.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert_served(site)
    finally:
        for link in links:
            link.close()


def test_one_connection_has_its_time_anew_with_each_request(site: WebSite) -> None:
    request = f"GET {PETITION_PATH} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    with connect(site.port) as link:
        for _ in range(3):
            link.sendall(request[:20])
            time.sleep(REQUEST_SECONDS / 2)
            link.sendall(request[20:])
            answer = b""
            while b"</html>" not in answer:
                block = link.recv(65536)
                assert block
                answer += block
            assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("body", [b"", b"x" * 100], ids=["without a body", "with a body"])
def test_an_answer_may_take_longer_than_a_request(stream: int, body: bytes) -> None:
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with connect(stream) as link:
        for _ in range(2):
            link.sendall(head + body)
            answer = b""
            while not answer.endswith(b"x" * STREAM_SECONDS):
                block = link.recv(65536)
                assert block, answer
                answer += block
