"""A real SMTP server that records accepted mails, and fails in configurable ways."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import AnyStr, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.mailbox import CODE, text_of
from tests.support.server.local_site import free_port

# It logs every command, and pytest would keep all of that.
logging.getLogger("mail.log").setLevel(logging.WARNING)


LINGER_SECONDS = 0.1
SILENCE = "..."
FAREWELL = "421"
RECIPIENT = re.compile(r"<([^>]*)>")
MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    """A mail that the server has accepted."""

    recipient: str
    content: bytes

    @property
    def message_id(self) -> str:
        """Return its Message-ID."""
        found = MESSAGE_ID.search(self.content)
        assert found
        return found.group(1).decode()

    @property
    def text(self) -> str:
        """Return its plain text."""
        return text_of(email.message_from_bytes(self.content, policy=email.policy.default))

    @property
    def code(self) -> str:
        """Return the code in its text."""
        found = CODE.search(self.text)
        assert found
        return found.group(1)


@dataclass
class Behaviour:
    """How the server behaves, and which mails it has accepted; may be changed while it runs.

    replies: replies instead of success, by stage: CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA (after the message),
        "DATA command", RSET. An empty text closes the connection, SILENCE sends nothing.
    only: the one recipient, or the domain with its @, that these replies are for; everybody if empty.
    per_connection: how many mails it accepts over one connection; further ones get replies_then.
    tls: TLS context; it offers STARTTLS if there is one.
    is_encrypted: whether it uses TLS from the first byte on.
    offers_login: whether it lets clients log in, with any password.
    speaks_utf8: whether it accepts international addresses (SMTPUTF8).
    seconds: delay before it confirms a mail.
    dies: in how many further mails it will drop the connection, in the middle of their text.
    lingers: it delays every n-th mail for long, before and after accepting it; none if 0.
    lingering: client ports that are currently delayed.
    """

    replies: dict[str, str] = field(default_factory=dict)
    only: str = ""
    seconds: float = 0.0
    dies: int = 0
    lingers: int = 0
    lingering: set[int] = field(default_factory=set)
    per_connection: int = 0
    replies_then: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    is_encrypted: bool = False
    offers_login: bool = False
    speaks_utf8: bool = True
    names: list[str] = field(default_factory=list)
    seen: int = 0
    taken: list[Mail] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, stage: str, recipient: str, carried: int = 0) -> str | None:
        """Return the reply at a stage instead of success.

        carried: number of mails sent over the connection so far.
        """
        if self.per_connection and carried >= self.per_connection and stage in self.replies_then:
            return self.replies_then[stage]
        return self.replies.get(stage) if recipient.endswith(self.only) else None

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Record the client's name, and reply with the extensions."""
        self.names.append(hostname)
        session.host_name = hostname
        return ["250-AUTH PLAIN LOGIN" if "AUTH" in line else line for line in responses if self.offers(line)]

    def offers(self, line: str) -> bool:
        """Return whether the server announces an extension."""
        return self.offers_login or "AUTH" not in line

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept the sender."""
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept the recipient."""
        self.seen += 1
        await self.linger(session)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Accept or refuse the message."""
        recipient = str(envelope.rcpt_tos[0])
        carrier = cast("FailingSMTP", server)
        reply = self.reply("DATA", recipient, carrier.carried)
        if reply is not None:
            return reply
        carrier.carried += 1
        with self.lock:
            self.taken.append(Mail(recipient, envelope.original_content or b""))
        await asyncio.sleep(self.seconds)
        await self.linger(session)
        return "250 OK"

    async def linger(self, session: Session) -> None:
        """Delay some mails for long, and record the clients that wait."""
        if self.lingers and self.seen % self.lingers == 0:
            port = int(cast("tuple[str, int]", session.peer)[1])
            self.lingering.add(port)
            await asyncio.sleep(LINGER_SECONDS)
            self.lingering.discard(port)

    def mails(self) -> list[Mail]:
        """Return the mails accepted so far."""
        with self.lock:
            return list(self.taken)


class FailingSMTP(SMTP):
    """Fails at the configured stages, and drops connections in the middle of a message as configured."""

    carried = 0
    has_greeted = False
    recipient = ""

    @property
    def behaviour(self) -> Behaviour:
        """Return the configured behaviour."""
        return cast("Behaviour", self.event_handler)

    async def push(self, status: AnyStr) -> None:
        """Send a reply; an empty one closes the connection, as 221 and 421 do."""
        if not self.has_greeted:
            self.has_greeted = True
            reply = self.behaviour.reply("CONNECT", "")
            if reply is not None:
                await self.push(reply)
                return
        if status == SILENCE:
            return
        text = status if isinstance(status, str) else status.decode()
        if text:
            await super().push(text)
        if not text or text.startswith(FAREWELL):
            cast("asyncio.Transport", self.transport).close()

    async def fails(self, stage: str, *, of_all: bool = True) -> bool:
        """Send the configured reply instead of success if there is one, and return whether it did."""
        reply = self.behaviour.reply(stage, "" if of_all else self.recipient, self.carried)
        if reply is not None:
            await self.push(reply)
        return reply is not None

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd's names
        """Accept or refuse HELO."""
        if not await self.fails("EHLO"):
            await super().smtp_HELO(hostname)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """Accept or refuse EHLO."""
        if not await self.fails("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        """Start TLS, or refuse to."""
        if not await self.fails("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        """Accept any login, or refuse all."""
        if not await self.fails("AUTH"):
            await self.push("235 2.7.0 welcome")

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Accept or refuse the sender."""
        if not await self.fails("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """Accept or refuse the recipient."""
        found = RECIPIENT.search(arg or "")
        self.recipient = found.group(1) if found else ""
        if not await self.fails("RCPT", of_all=False):
            await super().smtp_RCPT(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        """Reset the transaction, or refuse to."""
        if not await self.fails("RSET"):
            await super().smtp_RSET(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Read a whole message, only its first line, or nothing."""
        if await self.fails("DATA command", of_all=False):
            return
        if self.behaviour.dies:
            self.behaviour.dies -= 1
            await self.push("354 go on")
            await self._reader.readline()
            cast("asyncio.Transport", self.transport).abort()
            return
        await super().smtp_DATA(arg)


class MailServer(Controller):
    """The server in its own thread; can be stopped and restarted on its port."""

    def __init__(self, behaviour: Behaviour, port: int) -> None:
        wrapped = behaviour.tls if behaviour.is_encrypted else None
        super().__init__(behaviour, hostname="127.0.0.1", port=port, ssl_context=wrapped)

    def factory(self) -> SMTP:
        """Return the protocol for one client."""
        behaviour: Behaviour = self.handler
        return FailingSMTP(
            behaviour,
            enable_SMTPUTF8=behaviour.speaks_utf8,
            tls_context=None if behaviour.is_encrypted else behaviour.tls,
            auth_require_tls=False,
        )


@contextmanager
def mail_server(behaviour: Behaviour, port: int = 0) -> Iterator[str]:
    """Run a server and yield its address."""
    server = MailServer(behaviour, port or free_port())
    server.start()
    try:
        yield f"smtp://127.0.0.1:{server.port}"
    finally:
        server.stop()
