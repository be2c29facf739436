"""Lets a machine without network reach the registries of packages that this machine uses, and nothing else."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PROXY_PORT = 3128
BLOCK = 65_536
HEAD_MAX = 16_384
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True)
class Registries:
    """The registries that this machine uses.

    :param codename: the Debian to install
    :param apt: lines such as ``ADDRESS SUITE COMPONENT``
    :param pip: lines for pip's configuration
    """

    codename: str
    apt: list[str]
    pip: list[str]

    @property
    def mirror(self) -> str:
        """Return the address of the main archive."""
        return next(line.split()[0] for line in self.apt if line.split()[1] == self.codename)

    def write_into(self, root: Path) -> None:
        """Have apt and pip below a folder use them through the proxy."""
        proxy = f"http://127.0.0.1:{PROXY_PORT}"
        lines = [f"deb [signed-by={KEYRING}] {line}\n" for line in self.apt]
        (root / "etc/apt/sources.list").write_text("".join(lines), encoding="utf-8")
        settings = f'Acquire::http::Proxy "{proxy}";\nAcquire::https::Proxy "{proxy}";\nAcquire::Languages "none";\n'
        (root / "etc/apt/apt.conf.d/90tests").write_text(settings, encoding="utf-8")
        shutil.copy(AUTHORITIES, root / "etc/registry-authorities.pem")
        lines = ["[global]\n", f"proxy = {proxy}\n", "cert = /etc/registry-authorities.pem\n", *self.pip]
        (root / "etc/pip.conf").write_text("".join(lines), encoding="utf-8")


def host_registries() -> Registries:
    """Read the configuration of this machine's apt and pip; without Debian's packages there are no lines for apt.

    ``TEST_DEBIAN`` in the environment names another version of Debian than the one that runs the tests.
    """
    release = dict(
        line.split("=", 1)
        for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
        if line.count("=") == 1
    )
    here = release.get("VERSION_CODENAME", "").strip('"')
    codename = os.environ.get("TEST_DEBIAN") or here
    apt = _said_by(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages"])
    ours = [line for line in dict.fromkeys(apt) if line.split()[1].split("-")[0] == here]
    ours = [line.replace(f" {here}", f" {codename}") for line in ours]
    options = ("index-url", "trusted-host")
    found = (line.partition("=") for line in _said_by([sys.executable, "-m", "pip", "config", "list"]))
    settings = {name.rpartition(".")[2].replace("_", "-"): value.strip("'\" ") for name, _, value in found}
    return Registries(codename, ours, [f"{name} = {settings[name]}\n" for name in options if name in settings])


def _said_by(words: list[str]) -> list[str]:
    with contextlib.suppress(OSError):
        return subprocess.run(words, check=False, capture_output=True, text=True).stdout.splitlines()
    return []


class RegistryProxy:
    """Passes requests on: plain ones of apt, and the tunnels of pip."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        """Begin to accept connections."""
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Accept no more."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                visitor, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=[visitor], daemon=True).start()


def _serve(visitor: socket.socket) -> None:
    with visitor, contextlib.suppress(OSError, ValueError):
        visitor.settimeout(60)
        head, rest = _head(visitor)
        method, target, _ = head[0].split(" ", 2)
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            with socket.create_connection((host, int(port)), timeout=60) as registry:
                visitor.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                registry.sendall(rest)
                _join(visitor, registry)
            return
        url = urlsplit(target)
        lines = [line for line in head[1:] if line.partition(":")[0].lower() not in {"connection", "proxy-connection"}]
        path = f"{url.path}?{url.query}" if url.query else url.path
        request = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "Connection: close", "", ""])
        with socket.create_connection((url.hostname or "", url.port or 80), timeout=60) as registry:
            registry.sendall(request.encode("latin-1") + rest)
            _copy(registry, visitor)


def _head(visitor: socket.socket) -> tuple[list[str], bytes]:
    read = b""
    while b"\r\n\r\n" not in read:
        block = visitor.recv(BLOCK)
        if not block or len(read) > HEAD_MAX:
            raise ValueError("no request")
        read += block
    head, _, rest = read.partition(b"\r\n\r\n")
    return head.decode("latin-1").split("\r\n"), rest


def _join(first: socket.socket, second: socket.socket) -> None:
    back = threading.Thread(target=_copy, args=[second, first], daemon=True)
    back.start()
    _copy(first, second)
    back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        for block in _blocks(source):
            target.sendall(block)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _blocks(source: socket.socket) -> Iterable[bytes]:
    while block := source.recv(BLOCK):
        yield block
