"""SMTP clients that no server can block, neither by silence nor by endless replies."""

from __future__ import annotations

import io
import math
import smtplib
import socket
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

# A server's replies to one mail need far less.
ANSWER_BYTES_MAX = 64 * 1024


class Limit:
    """An upper bound of the time a server may take, and of the bytes it may send."""

    def __init__(self) -> None:
        """Start without a deadline."""
        self.answer_seconds = 0.0
        self._ends = math.inf
        self._bytes_left = ANSWER_BYTES_MAX

    def begin(self, seconds: float) -> None:
        """Start the deadline and the count of bytes for one dialogue.

        :param seconds: for the whole dialogue
        """
        self._ends = time.monotonic() + seconds
        self._bytes_left = ANSWER_BYTES_MAX

    def timeout(self) -> float:
        """Return how many seconds to wait for the next read or write.

        :raises TimeoutError: if the dialogue is past its deadline
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            message = "The server took too long."
            raise TimeoutError(message)
        return min(self.answer_seconds, left)

    def count(self, amount: int) -> None:
        """Add bytes received from the server.

        :raises OSError: if they exceed ANSWER_BYTES_MAX
        """
        self._bytes_left -= amount
        if self._bytes_left < 0:
            message = "The server said too much."
            raise OSError(message)


class _Answers(io.RawIOBase):
    """Reads a socket and applies the limit to every partial read."""

    def __init__(self, source: socket.socket, limit: Limit) -> None:
        self._source = source
        self._limit = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._source.settimeout(self._limit.timeout())
        amount = self._source.recv_into(buffer)
        self._limit.count(amount)
        return amount


class BoundedSMTP(smtplib.SMTP):
    """An SMTP client whose every read and write obeys a Limit."""

    def __init__(self, host: str, port: int, *, local_hostname: str, limit: Limit, **encryption: Any) -> None:
        """Connect to the server.

        :param local_hostname: sent with EHLO
        :param limit: shared with the caller, who begins the dialogues
        """
        self._limit = limit
        super().__init__(host, port, local_hostname=local_hostname, timeout=limit.timeout(), **encryption)

    def getreply(self) -> tuple[int, bytes]:
        """Return code and text of a reply, read under the limit."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Answers(self.sock, self._limit))
        return super().getreply()

    def send(self, s: ReadableBuffer | str) -> None:
        """Send a command or a mail under the limit."""
        if self.sock is not None:
            self.sock.settimeout(self._limit.timeout())
        super().send(s)


class BoundedSMTPS(BoundedSMTP, smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""
