"""Hands messages to a mail server, or puts them into a folder."""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import unquote, urlsplit

from django.conf import settings

TIMEOUT_SECONDS = 30
SMTP_PORT = 25
SUBMISSION_PORT = 587
SUBMISSIONS_PORT = 465
# RFC 5321: permanent failures are 500 to 599; RFC 3463: the class of them that are about security or policy.
PERMANENT = 500
# RFC 5321: what a server says before it closes a connection, for instance one that was idle for too long.
FAREWELL = 421
POLICY = (b"5.7.", "5.7.")


class RefusedForGoodError(Exception):
    """The mail server will never take this message."""


class NotNowError(Exception):
    """The mail could not be handed over this time; a later attempt may succeed."""


class Transport(Protocol):
    """Somewhere to send mails to."""

    def send(self, message: EmailMessage) -> None:
        """Hand over one message.

        :raises RefusedForGoodError: if no later attempt can succeed
        :raises NotNowError: if one may
        """

    def close(self) -> None:
        """Let go of the connection."""


class FolderTransport:
    """Writes each mail into a file of its own, for a local start and for tests."""

    def __init__(self, folder: Path) -> None:
        """Make the folder, readable by its owner alone."""
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def send(self, message: EmailMessage) -> None:
        """Write a file under the Message-ID; a repeated mail replaces itself."""
        name = message["Message-ID"].strip("<>").partition("@")[0]
        unfinished = self.folder / f".{name}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.as_bytes())
        unfinished.replace(self.folder / f"{name}.eml")

    def close(self) -> None:
        """Do nothing."""


class SmtpTransport:
    """Keeps one SMTP connection open from mail to mail (RFC 5321; SMTPUTF8 by RFC 6531 where an address needs it)."""

    def __init__(self, url: str) -> None:
        """Read the server's address; the connection is made with the first mail."""
        parts = urlsplit(url)
        self.encryption = parts.scheme.partition("+")[2]
        default_port = {"ssl": SUBMISSIONS_PORT, "tls": SUBMISSION_PORT}.get(self.encryption, SMTP_PORT)
        self.host = parts.hostname or "localhost"
        self.port = parts.port or default_port
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        self.connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Send over the open connection, once more over a new one if the server has closed it."""
        was_open = self.connection is not None
        try:
            try:
                self._hand_over(message)
            except (smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused) as error:
                if not was_open or getattr(error, "smtp_code", FAREWELL) != FAREWELL:
                    raise
                self.close()
                self._hand_over(message)
        except (smtplib.SMTPException, OSError) as error:
            if not isinstance(error, smtplib.SMTPRecipientsRefused):
                self.close()
            if _is_for_good(error):
                raise RefusedForGoodError from error
            raise NotNowError from error

    def _hand_over(self, message: EmailMessage) -> None:
        connection = self._connected()
        connection.ehlo_or_helo_if_needed()
        # What comes back need not bring the mail's text along, with its code (RFC 3461). The sender of the envelope is
        # the same for all: nothing in it may lead to a signature.
        options = ["RET=HDRS"] if connection.has_extn("dsn") else []
        connection.send_message(message, from_addr=settings.BOUNCE_ADDRESS, mail_options=options)

    def _connected(self) -> smtplib.SMTP:
        if self.connection is None:
            try:
                self._connect()
            except (smtplib.SMTPException, OSError) as error:
                # Whatever is wrong here, a refusal for good included, is no fault of the mail's.
                self.close()
                raise NotNowError from error
        return cast("smtplib.SMTP", self.connection)

    def _connect(self) -> None:
        context = ssl.create_default_context()
        if self.encryption == "ssl":
            self.connection = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            self.connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        if self.encryption == "tls":
            self.connection.starttls(context=context)
        if self.user:
            self.connection.login(self.user, self.password)

    def close(self) -> None:
        """Close the connection without waiting for the server's farewell."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def _is_for_good(error: Exception) -> bool:
    """Return whether a server's answer means that this mail can never be delivered, and not that we are unwelcome.

    A sender refused, or anything by the server's policy (RFC 3463: 5.7), is a matter of configuration: the mails of all
    visitors wait until somebody mends it.
    """
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refusals):
            code, text = max(refusals.values())
        case smtplib.SMTPDataError(smtp_code=code, smtp_error=text):
            pass
        case smtplib.SMTPNotSupportedError():
            # The address needs SMTPUTF8 and this server does not speak it.
            return True
        case _:
            return False
    return code >= PERMANENT and text[:4] not in POLICY


def open_transport() -> Transport:
    """Return what EMAIL_URL names."""
    parts = urlsplit(settings.EMAIL_URL)
    if parts.scheme == "file":
        return FolderTransport(Path(unquote(parts.path)))
    return SmtpTransport(settings.EMAIL_URL)
