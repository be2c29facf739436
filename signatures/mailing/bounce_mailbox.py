"""The mailbox that bounces come to: finds those addressed to the site, fetches so much of each, deletes (IMAP)."""

from __future__ import annotations

import hashlib
import imaplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings

from signatures.mailing.bounce_child import MESSAGE_BYTES_MAX

# How long one answer may take, and a whole visit: mails wait meanwhile.
TIMEOUT_SECONDS = 10.0
VISIT_SECONDS_MAX = 30.0
IMAPS_PORT = 993
IMAP_PORT = 143
# The answer to a search is one line, and a line may not be of any length.
SEARCHED_AT_ONCE = 1000
# In which of its lines a mail says where it was sent to.
ADDRESSED_IN = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
# Whatever a broken server or connection brings about.
MAILBOX_ERRORS = (imaplib.IMAP4.error, OSError, ValueError)


class MailboxRefusedError(imaplib.IMAP4.error):
    """The server does not do what it was asked to; its words may hold an address and are not kept."""


@dataclass(frozen=True)
class Place:
    """Where the mailbox is.

    :param has_tls: whether the connection is encrypted from its beginning, and not by STARTTLS
    """

    host: str
    port: int
    has_tls: bool
    user: str
    password: str
    folder: str

    @property
    def digest(self) -> str:
        """Return what tells this mailbox from any other."""
        return hashlib.sha256(f"{self.host}\0{self.user}\0{self.folder}".encode()).hexdigest()


def place_of(url: str) -> Place:
    """Take BOUNCE_URL apart."""
    parts = urlsplit(url)
    has_tls = parts.scheme == "imaps"
    return Place(
        host=parts.hostname or "",
        port=parts.port or (IMAPS_PORT if has_tls else IMAP_PORT),
        has_tls=has_tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )


class Mailbox:
    """An open folder."""

    def __init__(self, connection: imaplib.IMAP4, folder: str) -> None:
        """Open the folder.

        :raises imaplib.IMAP4.error: if there is none, or it may not be changed
        """
        self.connection = connection
        self.amount = int(_done(connection.select(f'"{folder}"'))[0])
        _, found = connection.response("UIDVALIDITY")
        self.validity = int(found[0]) if found and found[0] else 0

    def numbers(self) -> list[int]:
        """Return the numbers of the mails that are addressed to the site, the oldest first.

        What is not stays where it is: somebody may have named their own mailbox by mistake.
        """
        addressed = f'HEADER {ADDRESSED_IN[0]} "{settings.BOUNCE_ADDRESS}"'
        for name in ADDRESSED_IN[1:]:
            addressed = f'OR ({addressed}) (HEADER {name} "{settings.BOUNCE_ADDRESS}")'
        found: list[int] = []
        for first in range(1, self.amount + 1, SEARCHED_AT_ONCE):
            last = min(first + SEARCHED_AT_ONCE - 1, self.amount)
            found += self._searched(f"{first}:{last}", addressed)
        return found

    def _searched(self, places: str, addressed: str) -> list[int]:
        found = _done(self.connection.uid("SEARCH", f"{places} UNDELETED {addressed}"))
        return sorted(int(number) for number in (found[0] or b"").split())

    def fetch(self, number: int) -> bytes:
        """Return the beginning of a mail, nothing if the server cannot; it stays unread."""
        _, found = self.connection.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{MESSAGE_BYTES_MAX}>)")
        return next((part[1] for part in found if isinstance(part, tuple)), b"")

    def delete(self, numbers: Sequence[int]) -> None:
        """Delete mails for good, and where the server can tell them apart no others."""
        if not numbers:
            return
        which = ",".join(map(str, numbers))
        _done(self.connection.uid("STORE", which, "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self.connection.capabilities:
            _done(self.connection.uid("EXPUNGE", which))
        else:
            _done(self.connection.expunge())


@contextmanager
def opened(place: Place) -> Iterator[Mailbox]:
    """Visit the mailbox; a visit that takes too long is cut off, however slowly the server goes on to speak.

    :raises MAILBOX_ERRORS: if it cannot be reached, or does not let us in
    """
    context = ssl.create_default_context()
    if settings.BOUNCE_CA:
        context.load_verify_locations(settings.BOUNCE_CA)
    connection = _connected(place, context)
    # An end of the connection alone ends a read that gets a byte now and then.
    cut_off = threading.Timer(VISIT_SECONDS_MAX, _cut, [connection])
    cut_off.daemon = True
    cut_off.start()
    try:
        if not place.has_tls:
            connection.starttls(context)
        if "AUTH=PLAIN" in connection.capabilities:
            credentials = f"\0{place.user}\0{place.password}".encode()
            _done(connection.authenticate("PLAIN", lambda _: credentials))
        else:
            _done(connection.login(place.user, place.password))
        yield Mailbox(connection, place.folder)
    finally:
        cut_off.cancel()
        with suppress(*MAILBOX_ERRORS):
            connection.logout()
        with suppress(OSError):
            connection.shutdown()


def _connected(place: Place, context: ssl.SSLContext) -> imaplib.IMAP4:
    if place.has_tls:
        return imaplib.IMAP4_SSL(place.host, place.port, ssl_context=context, timeout=TIMEOUT_SECONDS)
    return imaplib.IMAP4(place.host, place.port, timeout=TIMEOUT_SECONDS)


def _cut(connection: imaplib.IMAP4) -> None:
    with suppress(OSError):
        # As a plain socket: the encrypted one would be taken apart while the other thread reads from it.
        socket.socket.shutdown(connection.socket(), socket.SHUT_RDWR)


def _done(answer: tuple[str, list[bytes | None]]) -> list[bytes | None]:
    """Return what a server says to a command that it has carried out.

    :raises MailboxRefusedError: if it has not
    """
    status, data = answer
    if status != "OK":
        raise MailboxRefusedError
    return data
