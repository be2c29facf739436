"""Sends mails to an SMTP server step by step, and reports the step of a refusal and its interpretation."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import parseaddr
from io import BytesIO
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from django.conf import settings

from signatures.mailing.bounded_smtp import BoundedSMTP, BoundedSMTPS, Limit
from signatures.mailing.replies import FAREWELL, Concern, RefusedError, Stage, Verdict, judge
from signatures.models.relay import RelayFault

TIMEOUT_SECONDS = 30
# After the whole mail the server may take longer (RFC 5321, 4.5.3.2.6): giving up too soon would send it twice.
END_SECONDS = 180
# For one mail, including a second connection if needed; well within the lifetime of a claim.
MAIL_SECONDS_MAX = 240
SMTP_PORT = 25
SUBMISSION_PORT = 587
SUBMISSIONS_PORT = 465
YES = range(200, 300)
GO_ON = 354
# RFC 5321, 4.5.2.
BEGINS_WITH_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True)
class _Outgoing:
    sender: str
    recipient: str
    content: bytes
    is_international: bool


class SmtpTransport:
    """Reuses one SMTP connection for many mails (RFC 5321; SMTPUTF8 by RFC 6531 if an address needs it).

    A server may limit what it accepts over one connection, and show that by any code at any stage, or by closing it. So
    a mail refused over a connection that has carried another is retried once over a new one, and that reply counts.
    """

    def __init__(self, url: str) -> None:
        """Parse the server's URL; the connection is opened for the first mail."""
        parts = urlsplit(url)
        self.encryption = parts.scheme.partition("+")[2]
        default_port = {"ssl": SUBMISSIONS_PORT, "tls": SUBMISSION_PORT}.get(self.encryption, SMTP_PORT)
        self.host = parts.hostname or "localhost"
        self.port = parts.port or default_port
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        self.connection: smtplib.SMTP | None = None
        # Whether the server supports international addresses; None until it has been asked.
        self.speaks_utf8: bool | None = None
        self.stage = Stage.CONNECT
        self._has_carried = False
        self._limit = Limit()
        self._context: ssl.SSLContext | None = None

    def send(self, message: EmailMessage) -> None:
        """Send over the open connection, and retry over a new one if that may help.

        :raises RefusedError: with the interpretation of the refusal
        """
        outgoing = _outgoing(message)
        self._limit.begin(MAIL_SECONDS_MAX)
        try:
            self._transfer(outgoing)
        except RefusedError as refusal:
            if not (self._has_carried and refusal.verdict.may_be_of_connection):
                raise
            self.close()
            self._transfer(outgoing)

    def greet(self) -> None:
        """Connect as for a mail, to discover problems before there is one.

        :raises RefusedError: if the server refuses the connection, the encryption or the login
        """
        if self.connection is None:
            self._limit.begin(MAIL_SECONDS_MAX)
            with self._judged():
                self._connect()
            self.close()

    def close(self) -> None:
        """Close the connection without sending QUIT or waiting for a reply."""
        self._has_carried = False
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _transfer(self, mail: _Outgoing) -> None:
        with self._judged():
            self._limit.answer_seconds = TIMEOUT_SECONDS
            connection = self.connection or self._connect()
            if mail.is_international and not self.speaks_utf8:
                raise RefusedError(Verdict(Stage.RCPT, Concern.US, RelayFault.INTERNATIONAL))
            # A refusal of an international mail here is about its recipient, and does not affect other mails.
            self.stage = Stage.RCPT if mail.is_international else Stage.MAIL
            options = [f"size={len(mail.content)}"] if connection.has_extn("size") else []
            # A bounce should not include the mail's text, which contains the code (RFC 3461).
            options += ["RET=HDRS"] if connection.has_extn("dsn") else []
            options += ["SMTPUTF8", "BODY=8BITMIME"] if mail.is_international else []
            self._expect_yes(*connection.mail(mail.sender, options))
            self.stage = Stage.RCPT
            self._expect_yes(*connection.rcpt(mail.recipient))
            self.stage = Stage.DATA
            code, text = connection.docmd("DATA")
            if code != GO_ON:
                self._refuse(code, text)
            # From here on the server may have accepted it; if unknown, it is sent again under the same Message-ID.
            self.stage = Stage.END
            self._limit.answer_seconds = END_SECONDS
            connection.send(BEGINS_WITH_DOT.sub(b"..", mail.content) + b".\r\n")
            self._expect_yes(*connection.getreply())
            self._has_carried = True

    def _expect_yes(self, code: int, text: bytes) -> None:
        if code not in YES:
            self._refuse(code, text)

    def _refuse(self, code: int, text: bytes) -> NoReturn:
        verdict = judge(self.stage, code, text.decode("utf-8", "replace"))
        if self.connection is not None:
            self._reset(code)
        raise RefusedError(verdict, code)

    def _reset(self, code: int) -> None:
        """Reset the SMTP transaction, or close the connection if that fails."""
        connection = self.connection
        answer = 0
        self._limit.answer_seconds = TIMEOUT_SECONDS
        if connection is not None and code != FAREWELL:
            with suppress(smtplib.SMTPException, OSError):
                answer = connection.rset()[0]
        if answer not in YES:
            was_used = self._has_carried
            self.close()
            self._has_carried = was_used

    def _connect(self) -> smtplib.SMTP:
        self.stage = Stage.CONNECT
        self._limit.answer_seconds = TIMEOUT_SECONDS
        self._has_carried = False
        connection: smtplib.SMTP
        if self.encryption == "ssl":
            connection = BoundedSMTPS(
                self.host,
                self.port,
                local_hostname=settings.MAIL_HELO_NAME,
                limit=self._limit,
                context=self._tls(),
            )
        else:
            connection = BoundedSMTP(self.host, self.port, local_hostname=settings.MAIL_HELO_NAME, limit=self._limit)
        # From here on close() closes it.
        self.connection = connection
        self.stage = Stage.EHLO
        connection.ehlo_or_helo_if_needed()
        if self.encryption == "tls":
            self.stage = Stage.STARTTLS
            connection.starttls(context=self._tls())
            self.stage = Stage.EHLO
            connection.ehlo_or_helo_if_needed()
        if self.user:
            self.stage = Stage.LOGIN
            connection.login(self.user, self.password)
        self.speaks_utf8 = connection.has_extn("smtputf8")
        return connection

    def _tls(self) -> ssl.SSLContext:
        # Loading the certificate authorities takes longer than sending a mail.
        if self._context is None:
            self._context = ssl.create_default_context(cadata=settings.MAIL_CA or None)
        return self._context

    @contextmanager
    def _judged(self) -> Iterator[None]:
        """Convert errors to RefusedError, and close a connection that is no longer usable."""
        try:
            yield
        except RefusedError:
            raise
        except smtplib.SMTPResponseException as error:
            self._give_up()
            text = _bytes(error.smtp_error).decode("utf-8", "replace")
            raise RefusedError(judge(self.stage, error.smtp_code, text), error.smtp_code) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._give_up()
            if self.stage.names_mail and not isinstance(error, OSError):
                # The mail itself cannot be expressed in SMTP.
                raise
            fault = self._fault_of(error)
            # The server may be waiting for the recipient's own server, which says nothing about other mails.
            is_about_one = fault == RelayFault.SILENT and self.stage.names_recipient
            raise RefusedError(Verdict(self.stage, Concern.US, fault, about_one=is_about_one)) from error

    def _give_up(self) -> None:
        was_used = self._has_carried
        self.close()
        self._has_carried = was_used

    def _fault_of(self, error: Exception) -> RelayFault:
        """Return the fault when the server sent no reply, or lacks what the settings require."""
        if isinstance(error, ssl.SSLError) or self.stage == Stage.STARTTLS:
            return RelayFault.TLS
        if isinstance(error, smtplib.SMTPServerDisconnected):
            return RelayFault.SILENT
        if self.stage == Stage.LOGIN and isinstance(error, (smtplib.SMTPException, ValueError)):
            # No login method in common, or the password cannot be sent by it.
            return RelayFault.LOGIN
        return RelayFault.UNREACHABLE if self.stage == Stage.CONNECT else RelayFault.SILENT


def _outgoing(message: EmailMessage) -> _Outgoing:
    # The envelope sender is the same for all mails: nothing in it may lead to a signature.
    sender, recipient = settings.BOUNCE_ADDRESS, parseaddr(str(message["To"]))[1]
    is_international = not (sender + recipient).isascii()
    content = BytesIO()
    BytesGenerator(content, policy=SMTPUTF8 if is_international else None).flatten(message, linesep="\r\n")
    return _Outgoing(sender, recipient, content.getvalue(), is_international=is_international)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
