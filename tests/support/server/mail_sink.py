"""The mail server that a site of the tests sends its mails to: with TLS, and with a login."""

from __future__ import annotations

import hmac
import socket
import ssl
import time
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.support.server.debian_machine import Machine

MAIL_PORT = 587
MAIL_SECONDS = 30


class MailSink(Controller):
    """Takes every mail, at a port of the machine's loopback."""

    USER = "site"
    PASSWORD = "word"

    def __init__(self, machine: Machine, context: ssl.SSLContext) -> None:
        super().__init__(
            self,
            "127.0.0.1",
            MAIL_PORT,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=self.knows,
        )
        self.machine = machine
        self.letters: list[bytes] = []
        self.visitors: list[SMTP] = []

    def factory(self) -> SMTP:
        """Return the protocol for one client, and remember it."""
        self.visitors.append(SMTP(self.handler, **self.SMTP_kwargs))
        return self.visitors[-1]

    def knows(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Tell whether a login is that of the site."""
        is_known = isinstance(data, LoginPassword) and hmac.compare_digest(
            data.login + b":" + data.password, f"{self.USER}:{self.PASSWORD}".encode()
        )
        return AuthResult(success=is_known)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's hook
        """Keep a mail."""
        self.letters.append(envelope.content)
        return "250 OK"

    def next_after(self, known: int) -> bytes:
        """Wait for a mail beyond those that are known, and return it."""
        until = time.monotonic() + MAIL_SECONDS
        while len(self.letters) <= known:
            assert time.monotonic() < until, self.machine.failures()
            time.sleep(0.1)
        return self.letters[known]

    def __enter__(self) -> Self:
        """Listen."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and hang up on workers that keep their connection."""
        for visitor in self.visitors:
            if visitor.transport:
                self.loop.call_soon_threadsafe(visitor.transport.close)
        self.stop()

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self.listener)

    def start(self) -> None:
        """Listen inside the machine, where the library would listen outside of it."""
        self.listener: socket.socket = self.machine.listen(MAIL_PORT)
        super().start()

    def _trigger_server(self) -> None:
        with self.machine.connect(MAIL_PORT) as link:
            link.recv(1)
