"""Looks how long the certificate is still valid that visitors are shown, by connecting as they do."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

logger = logging.getLogger(__name__)

EVERY_SECONDS = 6 * 60 * 60.0
TIMEOUT_SECONDS = 5.0
HTTPS_PORT = 443
# Those who renew by themselves do so a month before the end, or for short ones when a third is left.
DAYS_LEFT_MIN = 5
DAY_SECONDS = 24 * 60 * 60
ENDING = "The certificate of the site ends in {days} days, and was not renewed. Look at the log of what renews it."
INVALID = "Browsers do not believe the certificate of the site ({why}): visitors see a warning in its place."


class CertificateWatch:
    """Looks a few times a day, in a thread of its own, so that a server that hangs holds nobody up."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.sentences: list[str] = []
        self._due = 0.0
        self._thread: threading.Thread | None = None

    def look(self) -> list[str]:
        """Return what was amiss at the last look, and begin another if it is time."""
        parts = urlsplit(settings.SITE_ORIGIN)
        is_looking = self._thread is not None and self._thread.is_alive()
        if parts.scheme == "https" and parts.hostname and not is_looking and time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY_SECONDS
            address = (parts.hostname, parts.port or HTTPS_PORT)
            self._thread = threading.Thread(target=self._look, args=address, name="certificate", daemon=True)
            self._thread.start()
        return self.sentences

    def _look(self, host: str, port: int) -> None:
        self.sentences = certificate_problems(host, port)


def certificate_problems(host: str, port: int, authorities: str = "") -> list[str]:
    """Return a sentence if browsers do not believe a certificate, or will soon not do so; nothing if it is not shown.

    From inside, a site cannot always be reached by its public name.

    :param authorities: certificates that alone may vouch for it, in PEM; empty for those of the system
    """
    context = ssl.create_default_context(cadata=authorities or None)
    try:
        with (
            socket.create_connection((host, port), TIMEOUT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            shown = connection.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return [INVALID.format(why=error.verify_message)]
    except OSError as error:
        logger.info("The certificate of the site could not be looked at (%s).", type(error).__name__)
        return []
    days = days_left(shown)
    return [ENDING.format(days=days)] if days < DAYS_LEFT_MIN else []


def days_left(shown: Mapping[str, Any]) -> int:
    """Return for how many whole days a certificate is still valid.

    :param shown: as ``SSLSocket.getpeercert`` returns it
    """
    return int((ssl.cert_time_to_seconds(str(shown["notAfter"])) - time.time()) // DAY_SECONDS)
