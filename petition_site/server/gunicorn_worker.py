"""gunicorn's threaded worker, hardened so that deliberately slow clients do not block others."""

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

# How long a client may pause in the middle of a request.
PAUSE_SECONDS = 10.0
# Bytes read and discarded when a connection is closed, since unread bytes would make the response get lost.
BLOCK = 4096
BLOCKS_MAX = 16
# The first line from Tor if it exports circuits, in version 1 of HAProxy's PROXY protocol, and its maximum length.
CIRCUIT_LINE = re.compile(rb"PROXY TCP6 (?P<circuit>[0-9A-Fa-f:.]+) [0-9A-Fa-f:.]+ [0-9]{1,5} [0-9]{1,5}\r\n")
CIRCUIT_LINE_BYTES_MAX = 107


class TimedUnreader(SocketUnreader):  # type: ignore[misc] # gunicorn has no types
    """Reads requests from a socket, each with a deadline for the whole request.

    With a timeout per read alone, a client could send a byte now and then for ever.
    """

    def __init__(self, sock: socket.socket) -> None:
        """Start with an expired deadline; ``begin`` sets it."""
        super().__init__(sock)
        self.deadline = time.monotonic()

    def begin(self, seconds: float) -> None:
        """Start the deadline for the next request.

        :param seconds: for the whole request
        """
        self.deadline = time.monotonic() + seconds

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return the next received bytes, and wait for them if necessary.

        :raises TimeoutError: if none arrive before the deadline or within PAUSE_SECONDS
        """
        seconds = min(self.deadline - time.monotonic(), PAUSE_SECONDS)
        if seconds <= 0:
            raise TimeoutError
        # gunicorn sets its own timeout while it discards unwanted bytes, and while it sends.
        before = self.sock.gettimeout()
        self.sock.settimeout(seconds if before is None else min(seconds, before))
        try:
            return bytes(super().chunk(size_hint))
        finally:
            self.sock.settimeout(before)


class Connection(TConn):  # type: ignore[misc]
    """A client's connection, with a deadline per request and perhaps a Tor circuit."""

    def __init__(self, *args: Any, request_seconds: float, begins_with_circuit: bool) -> None:
        """Set the limits of the connection.

        :param request_seconds: deadline for each request
        :param begins_with_circuit: whether Tor sends the circuit before the first request
        """
        super().__init__(*args)
        self.request_seconds = request_seconds
        self.begins_with_circuit = begins_with_circuit

    def init(self) -> None:
        """Prepare for a request whose first bytes have arrived."""
        super().init()
        if not isinstance(self.parser.unreader, TimedUnreader):
            self.parser.unreader = TimedUnreader(self.sock)
        self.parser.unreader.begin(self.request_seconds)
        if self.begins_with_circuit:
            self.begins_with_circuit = False
            self.client = (self.read_circuit(), 0)

    def read_circuit(self) -> str:
        """Return the address that encodes the Tor circuit, used as the client of all requests of the connection.

        gunicorn's own support would trust such a line at every listener, accept connections without it, and forget it
        after the first request.

        :raises InvalidProxyLine: if the connection begins with anything else: clients must not choose their circuit
        """
        begun = b""
        while b"\r\n" not in begun and len(begun) < CIRCUIT_LINE_BYTES_MAX:
            chunk = self.parser.unreader.chunk()
            if not chunk:
                raise NoMoreData
            begun += chunk
        found = CIRCUIT_LINE.match(begun)
        if found is None or found.end() > CIRCUIT_LINE_BYTES_MAX:
            raise InvalidProxyLine("")
        self.parser.unreader.unread(begun[found.end() :])
        try:
            return str(ipaddress.IPv6Address(found["circuit"].decode()))
        except ValueError:
            raise InvalidProxyLine("") from None

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002
        """Close without waiting for the client.

        gunicorn waits for two seconds, in the single thread that accepts and closes all connections of a process.
        """
        with suppress(OSError):
            self.sock.settimeout(0)
            self.sock.shutdown(socket.SHUT_WR)
            for _ in range(BLOCKS_MAX):
                if not self.sock.recv(BLOCK):
                    break
        util.close(self.sock)


class WebWorker(ThreadWorker):  # type: ignore[misc]
    """Answers requests in threads; gunicorn.conf.py sets the deadline for receiving a request."""

    request_seconds = 20.0
    # Listeners at which Tor sends the circuit, in the notation of the settings.
    circuit_listeners: frozenset[str] = frozenset()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection and wait for its first bytes without using a thread.

        gunicorn itself would assign a thread at once, so that a silent client occupies one for five seconds.
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

    def _cap_keepalive(self, deadline: float) -> None:
        """Give those who have connected and said nothing no more time than kept connections, once the process ends.

        They would else hold up a restart, for which all others wait, as long as a request may take.
        """
        super()._cap_keepalive(deadline)
        for connection in self.pending_conns:
            connection.timeout = min(connection.timeout, deadline)
