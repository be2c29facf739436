"""deploy/nginx inside Debian's own nginx.conf: beside other sites, without its pages, and with visitors who err."""

from __future__ import annotations

import http.client
import http.server
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.programs import require_program
from tests.support.server.local_site import free_port
from tests.support.server.nginx_front import (
    HOST,
    STOCK,
    Front,
    NamedConnection,
    configure,
    make_certificate,
    nginx_before,
)
from tests.support.server.unix_site import UnixServer
from tests.support.server.web_site import WebSite

pytestmark = pytest.mark.xdist_group("servers")

STOCKS = sorted(file.name for file in STOCK.glob("*.conf"))
SECRET = "zyzzyva"
# What newer ones say of the configuration when they start.
NEWER_SPELLING = 'the "listen ... http2" directive is deprecated'
# As Debian's own default site is: whoever names no known host ends there, and stands in its log.
DEFAULT_SITE = "server { listen 80 default_server; root /var/www/html; server_name _; }"
OTHER_SITE = "server { listen 80; server_name other.example.org; return 200 other; }"
COMPRESSIBLE = "<p>a page of the desk, with a secret</p>" * 100


class DeskSite(http.server.BaseHTTPRequestHandler):
    """Answers without compression, as the site does where a page holds a visitor's secret."""

    def do_GET(self) -> None:
        """Answer, and tell what was received."""
        body = f"{self.headers['Host']}\n{COMPRESSIBLE}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        """Return nothing: a Unix socket has no address."""
        return ""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def front_of(folder: Path, beside: str = "") -> Iterator[Front]:
    """Run nginx before a site that is there."""
    with UnixServer(str(folder / "web.sock"), DeskSite) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with nginx_before(WebSite("", folder, {}), folder, files={"sites-enabled/beside": beside}) as front:
                yield front
        finally:
            server.shutdown()
            thread.join()


def checked(configuration: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let nginx check a configuration."""
    command = [require_program("nginx"), "-t", "-c", str(configuration), "-p", str(folder), "-e", str(folder / "e.log")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("stock", STOCKS)
@pytest.mark.parametrize("site", ["petition.conf", "petition-behind-cdn.conf"])
def test_debians_nginx_takes_each_file_as_it_stands(tmp_path: Path, stock: str, site: str) -> None:
    make_certificate(tmp_path)
    done = checked(configure(tmp_path, free_port(), free_port(), site=site, stock=stock), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "[emerg]" not in done.stderr


def test_the_host_and_its_certificate_stand_in_one_file(tmp_path: Path) -> None:
    configuration = configure(tmp_path, free_port(), free_port()).parent
    rules = [file for file in configuration.rglob("*") if file.is_file() and file.name != "petition-site.conf"]
    lines = [
        line
        for file in rules
        if file.suffix == ".conf"
        for line in file.read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith("#")
    ]
    assert [line for line in lines if "example.org" in line] == []


def test_debians_default_site_beside_it_is_refused_since_it_would_write_down_who_asks(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    done = checked(
        configure(tmp_path, free_port(), free_port(), files={"sites-enabled/default": DEFAULT_SITE}), tmp_path
    )
    assert done.returncode == 1
    assert "a duplicate default server" in done.stderr


def broken_handshakes(front: Front) -> None:
    """Connect as scanners and broken programs do: no TLS, half a handshake, an old version, other names."""
    for sent in (
        b"GET /zyzzyva HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        bytes(range(256)),
        b"\x80\x80\x01\x03\x01",
    ):
        with socket.create_connection(("127.0.0.1", front.port), timeout=10) as link, suppress(OSError):
            link.sendall(sent)
            link.shutdown(socket.SHUT_WR)
            link.recv(1000)
    for name in ("zyzzyva.example", "127.0.0.1"):
        with pytest.raises(OSError, match=r"UNRECOGNIZED_NAME|alert|EOF|reset"):
            NamedConnection(front.port, front.context(), name=name).connect()
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("AES256-SHA:@SECLEVEL=0")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError, match=r"alert|handshake|EOF"), closing(NamedConnection(front.port, old)) as link:
        link.connect()


def broken_requests(front: Front) -> None:
    """Send requests that end before any server is chosen, or that name another one."""
    for sent in (
        b"GET /zyzzyva\x00 HTTP/1.1\r\n\r\n",
        b"zyzzyva\r\n\r\n",
        b"GET /zyzzyva HTTP/1.1\r\nHost: zyzzyva/\r\n\r\n",
        b"GET /zyzzyva HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /zyzzyva HTTP/1.0\r\n\r\n",
        b"GET http://zyzzyva.example/ HTTP/1.1\r\nHost: petition.example.org\r\n\r\n",
        b"GET /" + SECRET.encode() * 2000 + b" HTTP/1.1\r\nHost: petition.example.org\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: petition.example.org\r\nX: " + SECRET.encode() * 20_000 + b"\r\n\r\n",
        b"POST /zyzzyva HTTP/1.1\r\nHost: petition.example.org\r\nContent-Length: 9999999\r\n\r\nzyzzyva",
    ):
        with socket.create_connection(("127.0.0.1", front.plain_port), timeout=10) as link, suppress(OSError):
            link.sendall(sent)
            link.recv(65536)
        with closing(front.connect()) as link, suppress(OSError):
            link.sendall(sent)
            link.recv(65536)


def test_neither_a_broken_connection_nor_an_outage_leaves_a_visitor_in_any_log(tmp_path: Path) -> None:
    with front_of(tmp_path) as front:
        broken_handshakes(front)
        broken_requests(front)
        (tmp_path / "web.sock").unlink()
        assert front.ask(f"/en/confirm/{SECRET}/").status == 502
        (tmp_path / "bodies").rename(tmp_path / "no-bodies")
        front.ask(f"/en/confirm/{SECRET}/", b"x" * 200_000)
    logs = list(tmp_path.glob("*.log"))
    assert {"access.log", "error.log"} <= {log.name for log in logs}
    for log in logs:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        assert [line for line in lines if NEWER_SPELLING not in line] == [], log.name


def test_whoever_asks_for_another_name_gets_no_answer_and_other_sites_go_on(tmp_path: Path) -> None:
    with front_of(tmp_path, OTHER_SITE) as front:
        with pytest.raises(http.client.RemoteDisconnected):
            front.ask("/en/", headers={"Host": "another.example.org"})
        # Of two names the one in the request line counts, for the choice of the server and for the site.
        assert front.ask(f"https://{HOST}/admin/", headers={"Host": "evil.example.org"}).text.startswith(f"{HOST}\n")
        with closing(http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=10)) as link:
            link.request("GET", "/", headers={"Host": "other.example.org"})
            assert link.getresponse().read() == b"other"


def test_a_page_that_holds_a_secret_is_not_compressed_by_nginx(tmp_path: Path) -> None:
    with front_of(tmp_path) as front:
        for path in ("/admin/", "/en/confirm/"):
            answer = front.ask(path, headers={"Accept-Encoding": "gzip"})
            assert "Content-Encoding" not in answer.headers, path
            assert COMPRESSIBLE in answer.text


def test_an_outage_is_told_as_one_although_the_pages_for_it_are_missing(tmp_path: Path) -> None:
    with front_of(tmp_path) as front:
        (tmp_path / "web.sock").unlink()
        shutil.rmtree(tmp_path / "etc" / "petition-errors")
        answer = front.ask("/en/confirm/")
        assert (answer.status, answer.headers["Retry-After"]) == (502, "30")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.text == "The site is not available for a moment. Please come back soon.\n"


def test_a_header_that_is_too_long_is_answered_with_the_page(tmp_path: Path) -> None:
    with front_of(tmp_path) as front:
        answer = front.ask("/en/", headers={"X-Long": "x" * 40_000})
        assert answer.status == 400
        assert "<h1>This request could not be read.</h1>" in answer.text


def test_certbot_finds_its_file_over_plain_http(tmp_path: Path) -> None:
    challenge = tmp_path / "www" / ".well-known" / "acme-challenge"
    challenge.mkdir(parents=True)
    (challenge / "token").write_text("answer", encoding="utf-8")
    with front_of(tmp_path) as front, closing(http.client.HTTPConnection("127.0.0.1", front.plain_port)) as link:
        link.request("GET", "/.well-known/acme-challenge/token", headers={"Host": HOST})
        assert link.getresponse().read() == b"answer"
