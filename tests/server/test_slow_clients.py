"""Visitors who stop in the middle of a request hold up nobody."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from tests.server.web_site import HOST, PETITION_PATH, WebSite, web_site

pytestmark = pytest.mark.xdist_group("servers")

UNFINISHED_HEAD = f"GET {PETITION_PATH} HTTP/1.1\r\nHost: {HOST}\r\nX-".encode()
UNFINISHED_BODY = (
    f"POST {PETITION_PATH} HTTP/1.1\r\nHost: {HOST}\r\nSec-Fetch-Site: same-origin\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nvisibility=COUNTED&na"
).encode()
THREADS = 2
LIMIT_SECONDS = 10  # gunicorn.conf.py: receive_timeout


@pytest.fixture(scope="module")
def site(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run one process with two threads."""
    folder = tmp_path_factory.mktemp("slow")
    with web_site(loaded_database, folder, {"WEB_WORKERS": "1", "WEB_THREADS": str(THREADS)}) as site:
        yield site


@pytest.mark.parametrize("start", [UNFINISHED_HEAD, UNFINISHED_BODY], ids=["head", "body"])
def test_visitors_who_stop_in_the_middle_are_cut_off_and_others_served(site: WebSite, start: bytes) -> None:
    links = [socket.create_connection(("127.0.0.1", site.port), timeout=30) for _ in range(THREADS)]
    begin = time.monotonic()
    try:
        for link in links:
            link.sendall(start)
        answers = [link.recv(65536) for link in links]
        assert time.monotonic() - begin >= LIMIT_SECONDS - 1
        assert all(answer == b"" or answer.startswith(b"HTTP/1.1 400 ") for answer in answers)
    finally:
        for link in links:
            link.close()
    assert site.get(PETITION_PATH).status == 200
    assert "Traceback" not in site.log
    assert "File " not in site.log
