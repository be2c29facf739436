"""The mailbox that bounces come to: finds what is new, fetches so much of each mail, deletes (IMAP)."""

from __future__ import annotations

import hashlib
import imaplib
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from signatures.mailing.bounce_addressing import ADDRESSED_IN, is_addressed
from signatures.mailing.bounce_child import MESSAGE_BYTES_MAX

# How long one answer may take, and a whole visit: mails wait meanwhile.
TIMEOUT_SECONDS = 10.0
VISIT_SECONDS_MAX = 30.0
IMAPS_PORT = 993
IMAP_PORT = 143
# The answer to a search is one line, and a line may not be of any length.
SEARCHED_AT_ONCE = 1000
# What a server adds of recipients stands above what a stranger may write without end.
HEAD_BYTES_MAX = 8192
HEAD = f"(UID BODY.PEEK[HEADER.FIELDS ({' '.join(ADDRESSED_IN).upper()})]<0.{HEAD_BYTES_MAX}>)"
UID = re.compile(rb"\bUID (\d+)")
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
        """Return what tells this mailbox, and the address that it is for, from any other."""
        return hashlib.sha256(
            f"{self.host}\0{self.user}\0{self.folder}\0{settings.BOUNCE_ADDRESS}".encode()
        ).hexdigest()


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
        self.amount = int(_done(connection.select(f'"{folder}"'))[0] or 0)
        _, found = connection.response("UIDVALIDITY")
        self.uidvalidity = int(found[0]) if found and found[0] else 0
        # What the server can do is said anew to who is logged in.
        self.tells_apart = "UIDPLUS" in str(_done(connection.capability())[0] or b"").upper()

    def new(self, last_uid: int) -> list[int]:
        """Return the UIDs of the mails behind one of them, the oldest first."""
        found: list[int] = []
        for last in range(self.amount, 0, -SEARCHED_AT_ONCE):
            first = max(last - SEARCHED_AT_ONCE + 1, 1)
            # The star is the newest mail, also where that is an older one.
            some = [uid for uid in self._searched(f"{first}:{last} UID {last_uid + 1}:*") if uid > last_uid]
            found = some + found
            if len(some) <= last - first:
                break
        return found

    def _searched(self, criteria: str) -> list[int]:
        found = _done(self.connection.uid("SEARCH", criteria))
        return sorted(int(uid) for uid in (found[0] or b"").split())

    def addressed(self, uids: Sequence[int]) -> set[int]:
        """Return which of some mails are addressed to the site.

        What is not stays where it is: somebody may have named their own mailbox by mistake.
        """
        return {uid for uid, head in self._known_heads(uids).items() if is_addressed(head)}

    def _known_heads(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the lines in which mails say where they were sent to, but of those that the server cannot give.

        :raises MailboxRefusedError: if it gives none of them
        """
        found = self._heads(uids)
        if found is None:
            # It may be one mail that keeps it from giving the others.
            found = {uid: head for one in uids for uid, head in (self._heads([one]) or {}).items()}
            if not found:
                raise MailboxRefusedError
        return found

    def _heads(self, uids: Sequence[int]) -> dict[int, bytes] | None:
        answer = self._fetched(_listed(uids), HEAD)
        if answer is None:
            return None
        found = {}
        for part, behind in zip(answer, [*answer[1:], b""], strict=True):
            if isinstance(part, tuple):
                # Servers may name the mail before its lines or behind them.
                named = UID.search(part[0]) or UID.search(behind if isinstance(behind, bytes) else b"")
                if named:
                    found[int(named.group(1))] = part[1]
        return found

    def fetch(self, uid: int) -> bytes:
        """Return the beginning of a mail, nothing if the server cannot; it stays unread."""
        answer = self._fetched(str(uid), f"(BODY.PEEK[]<0.{MESSAGE_BYTES_MAX}>)")
        return next((part[1] for part in answer or [] if isinstance(part, tuple)), b"")

    def _fetched(self, which: str, what: str) -> list[Any] | None:
        """Return what the server answers, or None if it refuses, in whichever way.

        :raises imaplib.IMAP4.abort: if it hangs up instead
        """
        try:
            return _done(self.connection.uid("FETCH", which, what))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return None

    def delete(self, uids: Sequence[int]) -> None:
        """Delete mails for good, and where the server can tell them apart no others."""
        if not uids:
            return
        which = _listed(uids)
        _done(self.connection.uid("STORE", which, "+FLAGS.SILENT", r"(\Deleted)"))
        if self.tells_apart:
            _done(self.connection.uid("EXPUNGE", which))
        else:
            _done(self.connection.expunge())


class _Connection(imaplib.IMAP4):
    """A connection that can be cut off from its first byte on, by a second handle of its socket."""

    def __init__(self, place: Place, context: ssl.SSLContext, handles: list[socket.socket]) -> None:
        """Connect, and read the server's greeting."""
        self.place, self.context, self.handles = place, context, handles
        super().__init__(place.host, place.port, timeout=TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.place.host, self.place.port), timeout)
        self.handles.append(plain.dup())
        return self.context.wrap_socket(plain, server_hostname=self.place.host) if self.place.has_tls else plain


@contextmanager
def opened(place: Place) -> Iterator[Mailbox]:
    """Visit the mailbox; a visit that takes too long is cut off, however slowly the server goes on to speak.

    :raises MAILBOX_ERRORS: if it cannot be reached, or does not let us in
    """
    context = ssl.create_default_context(cadata=settings.BOUNCE_CA or None)
    handles: list[socket.socket] = []
    # A limit of each read alone lets a server drip for ever.
    cut_off = threading.Timer(VISIT_SECONDS_MAX, _cut, [handles])
    cut_off.daemon = True
    cut_off.start()
    try:
        connection = _Connection(place, context, handles)
        try:
            _log_in(connection)
            yield Mailbox(connection, place.folder)
        finally:
            with suppress(*MAILBOX_ERRORS):
                connection.logout()
            with suppress(OSError):
                connection.shutdown()
    finally:
        cut_off.cancel()
        for handle in handles:
            handle.close()


def _log_in(connection: _Connection) -> None:
    place = connection.place
    if not place.has_tls:
        connection.starttls(connection.context)
    if "AUTH=PLAIN" in connection.capabilities:
        credentials = f"\0{place.user}\0{place.password}".encode()
        _done(connection.authenticate("PLAIN", lambda _: credentials))
    else:
        _done(connection.login(place.user, place.password))


def _cut(handles: list[socket.socket]) -> None:
    for handle in handles:
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)


def _listed(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _done(answer: tuple[str, Any]) -> list[bytes | None]:
    """Return what a server says to a command that it has carried out.

    :raises MailboxRefusedError: if it has not
    """
    status: str
    data: list[bytes | None]
    status, data = answer
    if status != "OK":
        raise MailboxRefusedError
    return data
