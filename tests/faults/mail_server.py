"""A real SMTP server that remembers what it took, and fails in whichever way it is told to."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.mailbox import CODE, text_of
from tests.server.local_site import free_port

# It tells of every command, and pytest keeps what it is told.
logging.getLogger("mail.log").setLevel(logging.WARNING)


LINGER_SECONDS = 0.1
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

    replies: what it answers in place of its yes, by stage.
    only: the one recipient whom these replies concern, everybody if empty.
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
    seen: int = 0
    taken: list[Mail] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, stage: str, recipient: str) -> str | None:
        """Return what to answer at a stage in place of a yes."""
        return self.replies.get(stage) if self.only in {"", recipient} else None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse the sender."""
        if reply := self.reply("MAIL", ""):
            return reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse the recipient."""
        if reply := self.reply("RCPT", address):
            return reply
        self.seen += 1
        await self.linger(session)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take or refuse the message."""
        recipient = str(envelope.rcpt_tos[0])
        if reply := self.reply("DATA", recipient):
            return reply
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


class DyingSMTP(SMTP):
    """Breaks off in the middle of a message as long as it is told to."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take a message, or its first line."""
        behaviour: Behaviour = self.event_handler
        if behaviour.dies:
            behaviour.dies -= 1
            await self.push("354 go on")
            await self._reader.readline()
            cast("asyncio.Transport", self.transport).abort()
            return
        await super().smtp_DATA(arg)


class MailServer(Controller):
    """The server in a thread of its own; may be stopped and started again on its port."""

    def __init__(self, behaviour: Behaviour, port: int) -> None:
        super().__init__(behaviour, hostname="127.0.0.1", port=port)

    def factory(self) -> SMTP:
        """Return what speaks to one client."""
        return DyingSMTP(self.handler, enable_SMTPUTF8=True)


@contextmanager
def mail_server(behaviour: Behaviour, port: int = 0) -> Iterator[str]:
    """Run a server and yield its address."""
    server = MailServer(behaviour, port or free_port())
    server.start()
    try:
        yield f"smtp://127.0.0.1:{server.port}"
    finally:
        server.stop()
