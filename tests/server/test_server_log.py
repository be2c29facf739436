"""What the web server prints: nothing that a visitor sent, and not where the visitor was."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server.local_site import ROOT, free_port

pytestmark = pytest.mark.xdist_group("servers")

SECRET = b"Zyzzyva-7QK2"
# Each is refused by gunicorn itself, in a way of its own, and would be quoted in its log.
MALFORMED = [
    b"GET /" + SECRET + b" HTTP/9.9\r\n\r\n",
    b"G@T" + SECRET + b" / HTTP/1.1\r\nHost: x\r\n\r\n",
    SECRET + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + SECRET + b" : y\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nA: " + SECRET + b"\0\r\n\r\n",
    b"GET /" + SECRET * 1000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /" + SECRET + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz" + SECRET + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + SECRET + b"\r\n\r\n",
    b"PROXY TCP4 203.0.113.77 203.0.113.78 1 2\r\nGET /" + SECRET + b" HTTP/1.1\r\n\r\n",
]
APPLICATION = f"""
def application(environ, start_response):
    if environ["PATH_INFO"] == "/fail/{SECRET.decode()}":
        raise ValueError(environ["PATH_INFO"])
    names = ("REMOTE_ADDR", "wsgi.url_scheme", "SCRIPT_NAME")
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [" ".join(environ[name] for name in names).encode()]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Run a tiny application under our configuration; return its port and its log."""
    folder = tmp_path_factory.mktemp("gunicorn")
    (folder / "tiny.py").write_text(APPLICATION, encoding="utf-8")
    port, log = free_port(), folder / "log"
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "tiny"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={"PYTHONPATH": f"{folder}:{ROOT}", "BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "1"},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(300):
            if b"Booting worker" in log.read_bytes():
                break
            time.sleep(0.05)
        yield port, log
    finally:
        process.terminate()
        process.wait(40)


def send(port: int, request: bytes) -> bytes:
    """Send raw bytes and return the raw answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while block := connection.recv(65536):
            answer += block
        return answer


@pytest.mark.parametrize("request_bytes", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_request_leaves_no_trace_in_the_log(server: tuple[int, Path], request_bytes: bytes) -> None:
    port, log = server
    assert b" 200 " not in send(port, request_bytes).split(b"\n")[0]
    assert_clean(log.read_text(encoding="utf-8"))


def test_failing_request_leaves_frames_but_no_words(server: tuple[int, Path]) -> None:
    port, log = server
    send(port, b"GET /fail/" + SECRET + b"?q=" + SECRET + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    text = log.read_text(encoding="utf-8")
    assert "Error handling request" in text
    assert "ValueError" in text
    assert_clean(text)


def test_forwarded_headers_change_nothing(server: tuple[int, Path]) -> None:
    port, _ = server
    headers = b"X-Forwarded-For: 203.0.113.77\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Ssl: on\r\nSCRIPT_NAME: /x\r\n"
    answer = send(port, b"GET / HTTP/1.1\r\nHost: x\r\n" + headers + b"Connection: close\r\n\r\n")
    assert b"127.0.0.1 http \r\n" in answer


def assert_clean(text: str) -> None:
    """Assert that a log names neither what was sent nor who sent it."""
    assert SECRET.decode() not in text
    assert "ip=" not in text
    assert "203.0.113" not in text
