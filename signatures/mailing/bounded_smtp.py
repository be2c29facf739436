"""SMTP clients that no server can hold: neither by silence, nor by answers that never end."""

from __future__ import annotations

import io
import math
import smtplib
import socket
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

# What a server says of one mail fits into far less.
ANSWER_BYTES_MAX = 64 * 1024


class Limit:
    """How long a server may take, and how much it may say."""

    def __init__(self) -> None:
        """Begin without an end."""
        self.answer_seconds = 0.0
        self._ends = math.inf
        self._bytes_left = ANSWER_BYTES_MAX

    def begin(self, seconds: float) -> None:
        """Begin a dialogue.

        :param seconds: that all of it may take
        """
        self._ends = time.monotonic() + seconds
        self._bytes_left = ANSWER_BYTES_MAX

    def timeout(self) -> float:
        """Return how many seconds to wait for what comes next.

        :raises TimeoutError: if the dialogue has taken as long as it may
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            message = "The server took too long."
            raise TimeoutError(message)
        return min(self.answer_seconds, left)

    def count(self, amount: int) -> None:
        """Count bytes that the server has sent.

        :raises OSError: if they are more than it may send
        """
        self._bytes_left -= amount
        if self._bytes_left < 0:
            message = "The server said too much."
            raise OSError(message)


class _Answers(io.RawIOBase):
    """Reads a socket under a limit, whatever part of an answer comes at a time."""

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
    """Waits no longer than its limit lets it."""

    def __init__(self, host: str, port: int, *, local_hostname: str, limit: Limit, **encryption: Any) -> None:
        """Connect.

        :param local_hostname: by which to introduce ourselves
        :param limit: shared with whoever begins the dialogues
        """
        self._limit = limit
        super().__init__(host, port, local_hostname=local_hostname, timeout=limit.timeout(), **encryption)

    def getreply(self) -> tuple[int, bytes]:
        """Return code and text of an answer."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Answers(self.sock, self._limit))
        return super().getreply()

    def send(self, s: ReadableBuffer | str) -> None:
        """Send a command or a mail."""
        if self.sock is not None:
            self.sock.settimeout(self._limit.timeout())
        super().send(s)


class BoundedSMTPS(BoundedSMTP, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte on."""
