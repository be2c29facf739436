"""A raw HTTP client that can send arbitrary bytes."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

TIMEOUT_SECONDS = 40
BLOCK = 65536
CONTINUE = 100
NO_BODY = {204, 304}


@dataclass(frozen=True)
class RawAnswer:
    """A response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_html(self) -> bool:
        """Return whether the content type is HTML."""
        return self.headers.get("content-type", "").startswith("text/html")

    @property
    def comes_from_the_site(self) -> bool:
        """Return whether our code answered, rather than the web server rejecting a malformed request."""
        return "content-security-policy" in self.headers


class Wire:
    """A keep-alive connection that is reopened if the server has closed it."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.place = (host, port)
        self.link: socket.socket | None = None
        self.pending = b""

    def close(self) -> None:
        """Close the connection."""
        if self.link is not None:
            self.link.close()
        self.link, self.pending = None, b""

    def send(self, request: bytes, *, is_head: bool = False, end: bool = False) -> RawAnswer | None:
        """Send bytes and return the response, or None if the server closed the connection without one.

        A reused connection may have been closed in the meantime, so a second one is tried.

        end: whether to shut down our side of the connection after sending.
        """
        was_kept = self.link is not None
        try:
            answer = self._send(request, is_head=is_head, end=end)
        except ConnectionError:
            answer = None
        if answer is None or end or answer.headers.get("connection", "").lower() == "close":
            self.close()
        if answer is None and was_kept:
            return self.send(request, is_head=is_head, end=end)
        return answer

    def _send(self, request: bytes, *, is_head: bool, end: bool) -> RawAnswer | None:
        if self.link is None:
            self.link = socket.create_connection(self.place, timeout=TIMEOUT_SECONDS)
            self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The server may answer before it has read everything, and not read the rest.
        with suppress(ConnectionError):
            self.link.sendall(request)
            if end:
                self.link.shutdown(socket.SHUT_WR)
        answer = self._answer(is_head=is_head)
        return self._answer(is_head=is_head) if answer is not None and answer.status == CONTINUE else answer

    def _answer(self, *, is_head: bool) -> RawAnswer | None:
        head = self._until(b"\r\n\r\n")
        if head is None:
            return None
        lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for name, _, value in (line.partition(":") for line in lines[1:]):
            headers[name.lower()] = ", ".join(filter(None, [headers.get(name.lower()), value.strip()]))
        status = int(lines[0].split(" ")[1])
        if is_head or status in NO_BODY or status == CONTINUE:
            return RawAnswer(status, headers, b"")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunks()
        elif "content-length" in headers:
            body = self._exactly(int(headers["content-length"]))
        else:
            body = self._rest()
        return RawAnswer(status, headers, body)

    def _more(self) -> bool:
        assert self.link is not None
        block = self.link.recv(BLOCK)
        self.pending += block
        return bool(block)

    def _until(self, mark: bytes) -> bytes | None:
        while mark not in self.pending:
            if not self._more():
                return None
        found, _, self.pending = self.pending.partition(mark)
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self.pending) < size and self._more():
            pass
        found, self.pending = self.pending[:size], self.pending[size:]
        assert len(found) == size, "the answer breaks off"
        return found

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size = int((self._until(b"\r\n") or b"0").split(b";")[0], 16)
            body += self._exactly(size)
            self._until(b"\r\n")
            if not size:
                return body

    def _rest(self) -> bytes:
        while self._more():
            pass
        found, self.pending = self.pending, b""
        return found


def talk(port: int, request: bytes, source: str = "127.0.0.1") -> None:
    """Send bytes and wait until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS, (source, 0)) as link:
        link.sendall(request)
        try:
            while link.recv(65536):
                pass
        except ConnectionError:
            pass
