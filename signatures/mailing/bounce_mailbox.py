"""The mailbox for bounces, over IMAP: finds new mails, fetches the first bytes of each, deletes."""

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

# Upper bounds for one response and for a whole session: no mails are sent meanwhile.
TIMEOUT_SECONDS = 10.0
VISIT_SECONDS_MAX = 30.0
IMAPS_PORT = 993
IMAP_PORT = 143
# The response to a search is one line, and the length of a line is limited.
SEARCHED_AT_ONCE = 1000
# The recipient headers that a server adds come first, above whatever a stranger may write without end.
HEAD_BYTES_MAX = 8192
HEAD = f"(UID BODY.PEEK[HEADER.FIELDS ({' '.join(ADDRESSED_IN).upper()})]<0.{HEAD_BYTES_MAX}>)"
UID = re.compile(rb"\bUID (\d+)")
# Everything that a broken server or connection may raise.
MAILBOX_ERRORS = (imaplib.IMAP4.error, OSError, ValueError)


class MailboxRefusedError(imaplib.IMAP4.error):
    """The server refused a command; its reply may contain an address and is not kept."""


@dataclass(frozen=True)
class Place:
    """Server, login and folder of the mailbox.

    :param has_tls: whether the connection is encrypted from the start, rather than by STARTTLS
    """

    host: str
    port: int
    has_tls: bool
    user: str
    password: str
    folder: str

    @property
    def digest(self) -> str:
        """Return a SHA-256 hex digest that identifies this mailbox together with BOUNCE_ADDRESS."""
        return hashlib.sha256(
            f"{self.host}\0{self.user}\0{self.folder}\0{settings.BOUNCE_ADDRESS}".encode()
        ).hexdigest()


def place_of(url: str) -> Place:
    """Parse BOUNCE_URL."""
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
    """An open IMAP folder."""

    def __init__(self, connection: imaplib.IMAP4, folder: str) -> None:
        """Open the folder.

        :raises imaplib.IMAP4.error: if it does not exist, or is read-only
        """
        self.connection = connection
        self.amount = int(_done(connection.select(f'"{folder}"'))[0] or 0)
        _, found = connection.response("UIDVALIDITY")
        self.uidvalidity = int(found[0]) if found and found[0] else 0
        # A server may announce more capabilities after login.
        self.has_uidplus = "UIDPLUS" in str(_done(connection.capability())[0] or b"").upper()

    def new(self, last_uid: int) -> list[int]:
        """Return the UIDs greater than ``last_uid``, the oldest first."""
        found: list[int] = []
        for last in range(self.amount, 0, -SEARCHED_AT_ONCE):
            first = max(last - SEARCHED_AT_ONCE + 1, 1)
            # The star always matches the newest mail, even if its UID is not greater.
            some = [uid for uid in self._searched(f"{first}:{last} UID {last_uid + 1}:*") if uid > last_uid]
            found = some + found
            if len(some) <= last - first:
                break
        return found

    def _searched(self, criteria: str) -> list[int]:
        found = _done(self.connection.uid("SEARCH", criteria))
        return sorted(int(uid) for uid in (found[0] or b"").split())

    def addressed(self, uids: Sequence[int]) -> set[int]:
        """Return which of these mails are addressed to the site.

        All others stay in the mailbox: an operator may have configured their own mailbox by mistake.
        """
        return {uid for uid, head in self._known_heads(uids).items() if is_addressed(head)}

    def _known_heads(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the recipient headers of mails by UID, leaving out mails that the server cannot fetch.

        :raises MailboxRefusedError: if it can fetch none of them
        """
        found = self._heads(uids)
        if found is None:
            # A single broken mail may make the server refuse the whole batch.
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
                # Servers may put the UID before the headers or after them.
                named = UID.search(part[0]) or UID.search(behind if isinstance(behind, bytes) else b"")
                if named:
                    found[int(named.group(1))] = part[1]
        return found

    def fetch(self, uid: int) -> bytes:
        """Return the first MESSAGE_BYTES_MAX bytes of a mail, empty if the server cannot; it stays marked unread."""
        answer = self._fetched(str(uid), f"(BODY.PEEK[]<0.{MESSAGE_BYTES_MAX}>)")
        return next((part[1] for part in answer or [] if isinstance(part, tuple)), b"")

    def _fetched(self, which: str, what: str) -> list[Any] | None:
        """Return the server's response, or None if it refuses, in whichever way.

        :raises imaplib.IMAP4.abort: if it closes the connection instead
        """
        try:
            return _done(self.connection.uid("FETCH", which, what))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return None

    def delete(self, uids: Sequence[int]) -> None:
        """Delete mails for good; without UIDPLUS, also others that are already marked as deleted."""
        if not uids:
            return
        which = _listed(uids)
        _done(self.connection.uid("STORE", which, "+FLAGS.SILENT", r"(\Deleted)"))
        if self.has_uidplus:
            _done(self.connection.uid("EXPUNGE", which))
        else:
            _done(self.connection.expunge())


class _Connection(imaplib.IMAP4):
    """A connection that can be shut down at any moment, by a duplicate of its socket."""

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
    """Open the mailbox for one session, which is cut off after VISIT_SECONDS_MAX however slowly the server responds.

    :raises MAILBOX_ERRORS: if the server cannot be reached, or refuses the login
    """
    context = ssl.create_default_context(cadata=settings.BOUNCE_CA or None)
    handles: list[socket.socket] = []
    # With a timeout per read alone, a server could send a byte at a time for ever.
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
    """Return the data of a successful response.

    :raises MailboxRefusedError: if the status is not OK
    """
    status: str
    data: list[bytes | None]
    status, data = answer
    if status != "OK":
        raise MailboxRefusedError
    return data
