"""The site behind nginx as deploy/nginx/petition.conf sets it up, over TLS."""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.programs import require_program
from tests.server.local_site import ROOT, free_port
from tests.server.web_site import PETITION_PATH, Answer, WebSite, signer, web_site

pytestmark = pytest.mark.xdist_group("servers")

HOST = "petition.example.org"
LIMIT = 3
HEADER_SECONDS = 10  # client_header_timeout


@dataclass
class Front:
    """A running nginx.

    port: where it takes https.
    plain_port: where it takes http.
    """

    site: WebSite
    folder: Path
    port: int
    plain_port: int

    def ask(self, path: str, form: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Send one request over a connection of its own."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        context.check_hostname = False
        link = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)
        with closing(link):
            types = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
            link.request(
                "GET" if form is None else "POST",
                path,
                form,
                {"Host": HOST, "Sec-Fetch-Site": "same-origin", **types, **(headers or {})},
            )
            answer = link.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace"))


def make_certificate(folder: Path) -> None:
    """Write a certificate for the example's name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def configure(folder: Path, port: int, plain_port: int) -> Path:
    """Write the example with the places of this test in the place of its own."""
    text = (ROOT / "deploy" / "nginx" / "petition.conf").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^ *listen \[::\].*\n", "", text)
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "/etc/ssl/petition.example.org/": f"{folder}/",
        "/run/petition/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "/var/cache/nginx/": f"{folder}/",
    }.items():
        assert old in text
        text = text.replace(old, new)
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    # As root nginx would work under an account of its own, which cannot enter the folders of tests.
    account = "user root;" if os.geteuid() == 0 else ""
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off; {account} pid {folder}/nginx.pid; error_log {folder}/main.log; events {{}}\n"
        f"http {{ {places}\n{text}\n}}",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def front(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Run the site behind nginx, with a limit that is soon reached."""
    nginx = require_program("nginx")
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    port, plain_port = free_port(), free_port()
    make_certificate(folder)
    configuration = configure(folder, port, plain_port)
    env = {
        "SITE_ORIGIN": f"https://{HOST}",
        "ALLOWED_HOSTS": "testserver",
        "TRUSTED_PROXIES": "1",
        "SIGN_RATES": f"{LIMIT}/h",
        "WEB_WORKERS": "1",
    }
    with web_site(loaded_database, folder, env, [f"unix:{folder}/web.sock"]) as site:
        (folder / "web.sock").chmod(0o666)
        command = [nginx, "-c", str(configuration), "-p", str(folder), "-e", str(folder / "early.log")]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        try:
            wait_for(port)
            yield Front(site, folder, port, plain_port)
        finally:
            process.terminate()
            process.wait(30)


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("nginx does not listen")


def test_plain_http_is_led_to_https(front: Front) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=10)) as link:
        link.request("GET", PETITION_PATH, headers={"Host": HOST})
        answer = link.getresponse()
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}{PETITION_PATH}")


def test_a_page_is_served_compressed_with_its_headers_and_kept_for_others(front: Front) -> None:
    first = front.ask(PETITION_PATH, headers={"Accept-Encoding": "gzip, br"})
    assert first.status == 200
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Set-Cookie" not in first.headers
    workers = front.site.workers()
    for worker in workers:
        worker.suspend()
    try:
        # The site is asleep: what is answered now comes from nginx, for any spelling of the same wish.
        again = front.ask(f"{PETITION_PATH}?utm_source=x", headers={"Accept-Encoding": "gzip"})
    finally:
        for worker in workers:
            worker.resume()
    assert (again.status, again.text) == (200, first.text)


def test_each_visitor_is_limited_by_the_address_that_nginx_saw(front: Front) -> None:
    version = front.site.query("SELECT max(number) FROM signatures_textversion")[0][0]
    statuses = []
    for number in range(LIMIT + 1):
        form = "&".join(f"{name}={value}" for name, value in signer(name="Anna", version=str(version)).items())
        forged = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        statuses.append(front.ask(PETITION_PATH, form.encode(), forged).status)
    assert statuses == [303] * LIMIT + [429]


def test_a_body_that_is_too_large_is_refused(front: Front) -> None:
    assert front.ask(PETITION_PATH, b"name=" + b"x" * 6_000_000).status == 413


def test_a_visitor_who_stops_in_the_middle_is_cut_off(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.plain_port), timeout=30) as link:
        begin = time.monotonic()
        link.sendall(b"GET / HTTP/1.1\r\nHost: ")
        # nginx says 408 or nothing at all.
        assert link.recv(65536)[:12] in {b"", b"HTTP/1.1 408"}
        assert HEADER_SECONDS - 1 <= time.monotonic() - begin <= HEADER_SECONDS + 5


def test_no_log_says_who_was_here_or_what_they_asked_for(front: Front) -> None:
    front.ask("/en/confirm/ZYZZ-YVA7-QK20-0000/?zyzzyva=1", headers={"Referer": "https://zyzzyva.example/"})
    front.ask("/%00zyzzyva")
    with closing(http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=10)) as link:
        link.request("GET", "/zyzzyva" * 2000, headers={"Host": HOST})
        assert link.getresponse().status == 414
    for log in front.folder.glob("*.log"):
        text = log.read_text(encoding="utf-8", errors="replace").lower()
        assert "zyzz" not in text, log.name
        assert "client: " not in text, log.name
        assert "127.0.0.1" not in text.replace("listening at: http://127.0.0.1", ""), log.name
