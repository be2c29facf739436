"""Runs nginx over TLS as deploy/nginx sets it up, included in the nginx.conf that Debian ships."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.programs import require_program
from tests.support.server.local_site import ROOT, free_port
from tests.support.server.web_site import Answer, WebSite

HOST = "petition.example.org"
DEPLOY = ROOT / "deploy" / "nginx"
STOCK = Path(__file__).parent / "stock"
# The file that keeps nginx from keeping anything, while it is there.
CACHE_OFF = "web-cache-off"
CERTIFICATE_LASTS = timedelta(days=60)


@dataclass(frozen=True)
class FrontAnswer(Answer):
    """A response.

    lines: header lines as received, including duplicates.
    """

    lines: Sequence[tuple[str, str]]


class NamedConnection(http.client.HTTPSConnection):
    """A connection to nginx on this machine, by the site's name in the TLS handshake."""

    def __init__(self, port: int, context: ssl.SSLContext, source: str = "", name: str = HOST) -> None:
        super().__init__("127.0.0.1", port, timeout=30)
        self.tls = context
        self.source = (source, 0) if source else None
        self.name = name

    def connect(self) -> None:
        """Connect."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=self.timeout, source_address=self.source)
        self.sock = self.tls.wrap_socket(plain, server_hostname=self.name)


@dataclass
class Front:
    """A running nginx.

    port: https port.
    plain_port: http port.
    """

    site: WebSite
    folder: Path
    port: int
    plain_port: int
    known: ssl.SSLContext | None = None

    def ask(
        self,
        path: str,
        form: bytes | None = None,
        headers: dict[str, str] | None = None,
        source: str = "",
    ) -> FrontAnswer:
        """Send one request over a new connection, from a source address of this machine."""
        with closing(self.link(source)) as link:
            types = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
            link.request(
                "GET" if form is None else "POST",
                path,
                form,
                {"Host": HOST, "Sec-Fetch-Site": "same-origin", **types, **(headers or {})},
            )
            answer = link.getresponse()
            lines = answer.getheaders()
            body = answer.read()
            if answer.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            return FrontAnswer(answer.status, dict(lines), body.decode(errors="replace"), lines)

    def link(self, source: str = "") -> NamedConnection:
        """Return a new connection, from a source address of this machine."""
        return NamedConnection(self.port, self.context(), source)

    def context(self) -> ssl.SSLContext:
        """Return a TLS context that trusts the certificate of nginx."""
        # A crowd would make one for each connection.
        self.known = self.known or ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        return self.known

    def connect(self) -> ssl.SSLSocket:
        """Return a raw TLS connection."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return self.context().wrap_socket(plain, server_hostname=HOST)

    def open_socket(self) -> None:
        """Allow nginx, which may run under another account, to connect to the site's socket."""
        (self.folder / "web.sock").chmod(0o666)


def make_certificate(folder: Path) -> None:
    """Write a self-signed certificate for the host name of the example configuration."""
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
        .not_valid_after(now + CERTIFICATE_LASTS)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def configure(
    folder: Path,
    port: int,
    plain_port: int,
    *,
    site: str = "petition.conf",
    stock: str = "debian12.conf",
    files: Mapping[str, str] | None = None,
) -> Path:
    """Install deploy/nginx in a folder as its comments say, and return the nginx.conf that includes it.

    :param site: which file of deploy/nginx is enabled
    :param stock: which nginx.conf includes it, as the package has it
    :param files: texts of files that are written by hand, by their path in /etc/nginx
    """
    etc = folder / "etc"
    for made in (etc / "sites-enabled", etc / "conf.d", etc / "modules-enabled"):
        made.mkdir(parents=True, exist_ok=True)
    shutil.copytree(DEPLOY, etc / "petition", dirs_exist_ok=True)
    shutil.copytree(DEPLOY / "errors", etc / "petition-errors", dirs_exist_ok=True)
    for example in DEPLOY.glob("*.example"):
        shutil.copy(example, etc / example.stem)
    shutil.copy(DEPLOY / site, etc / "sites-enabled" / "petition")
    for name, text in (files or {}).items():
        (etc / name).write_text(text, encoding="utf-8")
    shutil.copy("/etc/nginx/mime.types", etc)
    shutil.copy(STOCK / stock, etc / "nginx.conf")
    for file in (path for path in etc.rglob("*") if path.is_file() and path.suffix != ".html"):
        file.write_text(moved(file.read_text(encoding="utf-8"), folder, port, plain_port), encoding="utf-8")
    return etc / "nginx.conf"


def moved(text: str, folder: Path, port: int, plain_port: int) -> str:
    """Return a configuration with the paths and ports of a test."""
    if not has_ipv6():
        text = re.sub(r"(?m)^ *listen \[::\].*\n", "", text)
    # Started as root, nginx would switch to an account that cannot enter the folders of tests.
    account = "user root;" if os.geteuid() == 0 else ""
    text = text.replace("user www-data;", f"daemon off; {account}")
    for old, new in {
        "listen 80": f"listen 127.0.0.1:{plain_port}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen [::]:80": f"listen [::1]:{plain_port}",
        "listen [::]:443": f"listen [::1]:{port}",
        "/etc/letsencrypt/live/petition/": f"{folder}/",
        "/etc/nginx": f"{folder}/etc",
        "/run/petition/": f"{folder}/",
        "/run/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "/var/lib/nginx/": f"{folder}/",
        "/var/www/html": f"{folder}/www",
    }.items():
        text = text.replace(old, new)
    if "http {" in text:
        places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
        text = text.replace("http {", f"http {{ client_body_temp_path {folder}/bodies; {places}")
    return text


def has_ipv6() -> bool:
    """Return whether this machine has IPv6, which nginx and Debian's own site take for granted."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@contextmanager
def nginx_before(
    site: WebSite, folder: Path, configuration: str = "petition.conf", files: Mapping[str, str] | None = None
) -> Iterator[Front]:
    """Run nginx in front of a site that listens on ``web.sock`` in a folder, which also contains all files of nginx.

    :param configuration: which file of deploy/nginx is enabled
    :param files: texts of files that are written by hand, by their path in /etc/nginx
    """
    folder.chmod(0o755)
    port, plain_port = free_port(), free_port()
    make_certificate(folder)
    with running_nginx(configure(folder, port, plain_port, site=configuration, files=files), folder, port):
        front = Front(site, folder, port, plain_port)
        front.open_socket()
        yield front


@contextmanager
def running_nginx(configuration: Path, folder: Path, port: int) -> Iterator[None]:
    """Run nginx with a configuration until the end of the block."""
    command = [require_program("nginx"), "-c", str(configuration), "-p", str(folder), "-e", str(folder / "early.log")]
    with (folder / "nginx.out.log").open("ab") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int) -> None:
    """Wait until a port accepts connections."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("nginx does not listen")
