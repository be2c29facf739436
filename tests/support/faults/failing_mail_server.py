"""A real SMTP server that remembers what it took, and fails in whichever way it is told to."""

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

# It tells of every command, and pytest keeps what it is told.
logging.getLogger("mail.log").setLevel(logging.WARNING)


LINGER_SECONDS = 0.1
SILENCE = "..."
FAREWELL = "421"
RECIPIENT = re.compile(r"<([^>]*)>")
MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    """A mail that the server has taken."""

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
        """Return the code that it names."""
        found = CODE.search(self.text)
        assert found
        return found.group(1)


@dataclass
class Behaviour:
    """How the server behaves, and what it has taken; may be changed while it runs.

    replies: what it answers in place of its yes, by stage: CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA (once the
        message is there), "DATA command", RSET. An empty text closes the connection, SILENCE says nothing.
    only: the one recipient, or the domain with its @, whom these replies concern; everybody if empty.
    per_connection: so many mails it takes over one connection; what is said of further ones is replies_then.
    tls: its certificate; it offers encryption if there is one.
    is_encrypted: whether it encrypts from the first byte on, and offers nothing.
    offers_login: whether it lets clients log in, with whatever password.
    speaks_utf8: whether it takes international addresses.
    seconds: how long it thinks before it says that it has taken a mail.
    dies: in how many mails it will still break off, in the middle of their text.
    lingers: over every how manieth mail it thinks long, before and after taking it; over none if 0.
    lingering: the ports of the clients that wait for it to have thought.
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
        """Return what to answer at a stage in place of a yes.

        carried: how many mails the connection has carried.
        """
        if self.per_connection and carried >= self.per_connection and stage in self.replies_then:
            return self.replies_then[stage]
        return self.replies.get(stage) if recipient.endswith(self.only) else None

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Remember the name, and say what it can do."""
        self.names.append(hostname)
        session.host_name = hostname
        return ["250-AUTH PLAIN LOGIN" if "AUTH" in line else line for line in responses if self.offers(line)]

    def offers(self, line: str) -> bool:
        """Return whether the server says so."""
        return self.offers_login or "AUTH" not in line

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender."""
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient."""
        self.seen += 1
        await self.linger(session)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take or refuse the message."""
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
        """Think long about some mails, and say whose."""
        if self.lingers and self.seen % self.lingers == 0:
            port = int(cast("tuple[str, int]", session.peer)[1])
            self.lingering.add(port)
            await asyncio.sleep(LINGER_SECONDS)
            self.lingering.discard(port)

    def mails(self) -> list[Mail]:
        """Return what was taken so far."""
        with self.lock:
            return list(self.taken)


class FailingSMTP(SMTP):
    """Fails at whichever stage it is told to, and breaks off in the middle of a message as long as it is told to."""

    carried = 0
    has_greeted = False
    recipient = ""

    @property
    def behaviour(self) -> Behaviour:
        """Return how it is to behave."""
        return cast("Behaviour", self.event_handler)

    async def push(self, status: AnyStr) -> None:
        """Say something; an empty text closes the connection, as a farewell does."""
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
        """Answer in place of a yes where it is told to, and return whether it has."""
        reply = self.behaviour.reply(stage, "" if of_all else self.recipient, self.carried)
        if reply is not None:
            await self.push(reply)
        return reply is not None

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd's names
        """Take or refuse an old-fashioned introduction."""
        if not await self.fails("EHLO"):
            await super().smtp_HELO(hostname)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """Take or refuse an introduction."""
        if not await self.fails("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        """Begin to encrypt, or refuse to."""
        if not await self.fails("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        """Let in whoever comes, or nobody."""
        if not await self.fails("AUTH"):
            await self.push("235 2.7.0 welcome")

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Take or refuse the sender."""
        if not await self.fails("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """Take or refuse the recipient."""
        found = RECIPIENT.search(arg or "")
        self.recipient = found.group(1) if found else ""
        if not await self.fails("RCPT", of_all=False):
            await super().smtp_RCPT(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        """Forget a mail, or refuse to."""
        if not await self.fails("RSET"):
            await super().smtp_RSET(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take a message, or its first line, or nothing of it."""
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
    """The server in a thread of its own; may be stopped and started again on its port."""

    def __init__(self, behaviour: Behaviour, port: int) -> None:
        wrapped = behaviour.tls if behaviour.is_encrypted else None
        super().__init__(behaviour, hostname="127.0.0.1", port=port, ssl_context=wrapped)

    def factory(self) -> SMTP:
        """Return what speaks to one client."""
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
