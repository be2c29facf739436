"""Runs nginx with deploy/nginx/petition.conf over TLS."""

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
from collections.abc import Iterator, Sequence
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


@dataclass(frozen=True)
class FrontAnswer(Answer):
    """A response.

    lines: header lines as received, including duplicates.
    """

    lines: Sequence[tuple[str, str]]


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

    def ask(
        self, path: str, form: bytes | None = None, headers: dict[str, str] | None = None, source: str = ""
    ) -> FrontAnswer:
        """Send one request over a new connection, from a source address of this machine."""
        context = self.context()
        link = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=30, context=context, source_address=(source, 0) if source else None
        )
        with closing(link):
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

    def context(self) -> ssl.SSLContext:
        """Return a TLS context that trusts the certificate of nginx."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        context.check_hostname = False
        return context

    def connect(self) -> ssl.SSLSocket:
        """Return a raw TLS connection."""
        return self.context().wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=30))

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
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def configure(folder: Path, port: int, plain_port: int) -> Path:
    """Write the example configuration with the paths of this test."""
    text = (ROOT / "deploy" / "nginx" / "petition.conf").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "deploy" / "nginx" / "errors", folder / "errors", dirs_exist_ok=True)
    text = re.sub(r"(?m)^ *listen \[::\].*\n", "", text)
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "/etc/ssl/petition.example.org/": f"{folder}/",
        "/run/petition/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "/var/cache/nginx/": f"{folder}/",
        "/etc/nginx/petition-errors/": f"{folder}/errors/",
    }.items():
        assert old in text
        text = text.replace(old, new)
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    # Started as root, nginx would switch to an account that cannot enter the folders of tests.
    account = "user root;" if os.geteuid() == 0 else ""
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off; {account} pid {folder}/nginx.pid; error_log {folder}/main.log; events {{}}\n"
        f"http {{ {places}\n{text}\n}}",
        encoding="utf-8",
    )
    return path


@contextmanager
def nginx_before(site: WebSite, folder: Path) -> Iterator[Front]:
    """Run nginx in front of a site that listens on ``web.sock`` in a folder, which also contains all files of nginx."""
    nginx = require_program("nginx")
    folder.chmod(0o755)
    port, plain_port = free_port(), free_port()
    make_certificate(folder)
    configuration = configure(folder, port, plain_port)
    command = [nginx, "-c", str(configuration), "-p", str(folder), "-e", str(folder / "early.log")]
    with (folder / "nginx.out.log").open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        wait_for(port)
        front = Front(site, folder, port, plain_port)
        front.open_socket()
        yield front
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
