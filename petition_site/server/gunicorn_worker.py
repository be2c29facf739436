"""gunicorn's threaded worker, in which visitors who are slow on purpose keep nobody out."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.http.errors import InvalidProxyLine, NoMoreData
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from signatures.safeguarding.networks import listener_of

# How long a visitor may pause in the middle of a request.
PAUSE_SECONDS = 10.0
# What is read over when a connection is closed: answers are lost where unread bytes are left.
BLOCK = 4096
BLOCKS_MAX = 16
# What Tor says first where it exports circuits: version 1 of HAProxy's PROXY protocol, at most so many bytes.
CIRCUIT_LINE = re.compile(rb"PROXY TCP6 (?P<circuit>[0-9A-Fa-f:.]+) [0-9A-Fa-f:.]+ [0-9]{1,5} [0-9]{1,5}\r\n")
CIRCUIT_LINE_BYTES_MAX = 107


class TimedUnreader(SocketUnreader):  # type: ignore[misc] # gunicorn has no types
    """Reads requests from a socket, each of which must have come whole before its time is over.

    A limit for each read alone, as sockets have it, would be kept by whoever sends a byte now and then.
    """

    def __init__(self, sock: socket.socket) -> None:
        """Read from a socket."""
        super().__init__(sock)
        self.deadline = time.monotonic()

    def begin(self, seconds: float) -> None:
        """Let the next request begin, for which there are so many seconds."""
        self.deadline = time.monotonic() + seconds

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return what has come, or wait for it.

        :raises TimeoutError: if it does not come in time
        """
        seconds = min(self.deadline - time.monotonic(), PAUSE_SECONDS)
        if seconds <= 0:
            raise TimeoutError
        # gunicorn sets a limit where it reads over what nobody wanted; sending, too, has one of its own.
        before = self.sock.gettimeout()
        self.sock.settimeout(seconds if before is None else min(seconds, before))
        try:
            return bytes(super().chunk(size_hint))
        finally:
            self.sock.settimeout(before)


class Connection(TConn):  # type: ignore[misc]
    """A visitor's connection."""

    def __init__(self, *args: Any, request_seconds: float, begins_with_circuit: bool) -> None:
        """Give each of its requests so many seconds, and say whether Tor names the circuit before the first."""
        super().__init__(*args)
        self.request_seconds = request_seconds
        self.begins_with_circuit = begins_with_circuit

    def init(self) -> None:
        """Get ready for a request whose first bytes have come."""
        super().init()
        if not isinstance(self.parser.unreader, TimedUnreader):
            self.parser.unreader = TimedUnreader(self.sock)
        self.parser.unreader.begin(self.request_seconds)
        if self.begins_with_circuit:
            self.begins_with_circuit = False
            self.client = (self.read_circuit(), 0)

    def read_circuit(self) -> str:
        """Return the address in which Tor names the circuit; all requests of the connection come from there.

        gunicorn would believe such a line at every listener, do without it, and forget it after the first request.

        :raises InvalidProxyLine: if the connection begins with anything else: a visitor must not choose the circuit
        """
        begun = b""
        while b"\r\n" not in begun and len(begun) < CIRCUIT_LINE_BYTES_MAX:
            piece = self.parser.unreader.chunk()
            if not piece:
                raise NoMoreData
            begun += piece
        found = CIRCUIT_LINE.match(begun)
        if found is None or found.end() > CIRCUIT_LINE_BYTES_MAX:
            raise InvalidProxyLine("")
        self.parser.unreader.unread(begun[found.end() :])
        try:
            return str(ipaddress.IPv6Address(found["circuit"].decode()))
        except ValueError:
            raise InvalidProxyLine("") from None

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002
        """Close without waiting for the other side.

        gunicorn waits for two seconds, in the one thread that all connections of a process begin and end in.
        """
        with suppress(OSError):
            self.sock.settimeout(0)
            self.sock.shutdown(socket.SHUT_WR)
            for _ in range(BLOCKS_MAX):
                if not self.sock.recv(BLOCK):
                    break
        util.close(self.sock)


class WebWorker(ThreadWorker):  # type: ignore[misc]
    """Answers requests in threads; gunicorn.conf.py says how long a request may take to come."""

    request_seconds = 20.0
    # Where Tor names the circuit, spelt as the settings do.
    circuit_listeners: frozenset[str] = frozenset()

    def accept(self, listener: socket.socket) -> None:
        """Take a connection and wait for its first bytes without a thread.

        gunicorn gives it a thread at once, and so five seconds of one to whoever says nothing.
        """
        try:
            sock, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        connection = Connection(
            self.cfg,
            sock,
            address,
            listener.getsockname(),
            request_seconds=self.request_seconds,
            begins_with_circuit=listener_of(listener.getsockname()) in self.circuit_listeners,
        )
        connection.timeout = time.monotonic() + self.request_seconds
        self.pending_conns.append(connection)
        self.poller.register(sock, EVENT_READ, partial(self.on_pending_socket_readable, connection))
