"""Sends signs of life to a dead man's switch: somebody else's server, which raises the alarm when they stop.

A worker cannot tell of its own death, nor of the machine's. Each sign is sent by a thread of its own, so that a server
that hangs holds up no mail; while one is under way no other is sent.
"""

from __future__ import annotations

import http.client
import logging
import ssl
import threading
from contextlib import closing, suppress
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

logger = logging.getLogger(__name__)

# For connecting, and for each part of the answer; then the sign is given up.
TIMEOUT_SECONDS = 5.0
# What healthchecks.io and its like understand. A service that does not hears no sign, and raises the alarm, too.
FAIL = "/fail"
ANSWERED = range(200, 300)
AGENT = {"User-Agent": "petition"}


class PingError(Exception):
    """A sign of life was not taken; it says the kind of failure and never the address, which is a secret."""


class Pinger:
    """Sends one sign of life at a time."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._thread: threading.Thread | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._has_failed = False

    def ping(self, *, is_fine: bool) -> None:
        """Begin to send a sign, and return at once; skip it while an earlier one is under way, and break that off."""
        if not settings.OPERATOR_PING_URL:
            return
        if self._thread is not None and self._thread.is_alive():
            self._break_off()
            return
        # It ends with the process, whatever the server does.
        self._thread = threading.Thread(target=self._try, args=[is_fine], name="ping", daemon=True)
        self._thread.start()

    def send(self, *, is_fine: bool) -> None:
        """Send a sign and wait for the answer. Redirects are not followed: they could lead anywhere.

        :raises PingError: if it was not answered with a status of 200 to 299
        """
        parts = urlsplit(settings.OPERATOR_PING_URL)
        path = parts.path.rstrip("/") + FAIL if not is_fine else parts.path or "/"
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        self._connection = connection
        with closing(connection):
            try:
                connection.request("GET", urlunsplit(("", "", path, parts.query, "")), headers=AGENT)
                status = connection.getresponse().status
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise PingError(type(error).__name__) from None
        if status not in ANSWERED:
            raise PingError(str(status))

    def _try(self, is_fine: bool) -> None:  # noqa: FBT001 - an argument of a thread
        try:
            self.send(is_fine=is_fine)
        except PingError as error:
            # Once, not each minute.
            if not self._has_failed:
                logger.warning("A sign of life to OPERATOR_PING_URL was not taken (%s).", error)
            self._has_failed = True
        else:
            self._has_failed = False

    def _break_off(self) -> None:
        """End a connection over which the server sends its answer slowly, byte by byte."""
        connection = self._connection
        sock = connection.sock if connection is not None else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(2)


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
