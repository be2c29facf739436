"""What is far too large is refused at once, and nothing of it lies on the disk."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server.web_site import HOST, WebSite, web_site

pytestmark = pytest.mark.xdist_group("servers")

MEGABYTE = 1024 * 1024
PATHS = ("/ru/confirm/", "/admin/login/")
PART = b'--mark\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: x/x\r\n\r\n'
END = b"\r\n--mark--\r\n"


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that temporary files of the site lie in."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def site(loaded_database: str, temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    """Run a site."""
    env = {"WEB_WORKERS": "1", "TMPDIR": str(temporary)}
    with web_site(loaded_database, tmp_path_factory.mktemp("large"), env) as running:
        yield running


def begin(site: WebSite, path: str, length: str) -> socket.socket:
    """Send the head of a form with a file, and return the open connection."""
    link = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nSec-Fetch-Site: same-origin\r\n{length}\r\n"
    link.sendall(f"{head}Content-Type: multipart/form-data; boundary=mark\r\n\r\n".encode())
    return link


def files_in(folder: Path) -> list[Path]:
    """Return what lies in a folder and holds something: the worker makes one for lists, with an empty lock."""
    return [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]


@pytest.mark.parametrize("path", PATHS)
def test_a_file_of_200_megabytes_is_refused_before_it_is_sent(site: WebSite, temporary: Path, path: str) -> None:
    with begin(site, path, f"Content-Length: {200 * MEGABYTE}") as link:
        # Not a byte of it is waited for.
        assert link.recv(65536).startswith(b"HTTP/1.1 413 ")
    assert files_in(temporary) == []


@pytest.mark.parametrize("path", PATHS)
def test_a_file_within_the_limit_stays_in_memory(site: WebSite, temporary: Path, path: str) -> None:
    body = PART + b"x" * (MEGABYTE - len(PART + END))
    with begin(site, path, f"Content-Length: {len(body + END)}") as link:
        link.sendall(body)
        assert files_in(temporary) == []
        link.sendall(END)
        assert link.recv(65536)[:12] in {b"HTTP/1.1 422", b"HTTP/1.1 403"}
    assert files_in(temporary) == []


@pytest.mark.parametrize("path", PATHS)
def test_a_body_that_does_not_say_how_long_it_is_is_not_read(site: WebSite, temporary: Path, path: str) -> None:
    with begin(site, path, "Transfer-Encoding: chunked") as link:
        # The form is taken for an empty one, although the first chunk has not even begun.
        assert link.recv(65536)[:12] in {b"HTTP/1.1 422", b"HTTP/1.1 403"}
        with pytest.raises(ConnectionError):
            link.sendall((b"100000\r\n" + b"x" * MEGABYTE + b"\r\n") * 30)
    assert files_in(temporary) == []
    assert site.get("/-/live").status == 200
