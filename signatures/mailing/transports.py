"""Sends messages to a mail server, or writes them to a folder."""

from __future__ import annotations

import os
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings

from signatures.mailing.smtp import SmtpTransport


class Transport(Protocol):
    """The interface that the worker sends mails through."""

    # Whether it supports international addresses; None until that is known.
    speaks_utf8: bool | None

    def send(self, message: EmailMessage) -> None:
        """Send one message.

        :raises RefusedError: if it is refused
        """

    def greet(self) -> None:
        """Check, without a mail, whether mails would be accepted.

        :raises RefusedError: if they would be refused
        """

    def close(self) -> None:
        """Close the connection, if there is one."""


class FolderTransport:
    """Writes each mail to a file of its own, for local trials and tests."""

    speaks_utf8: bool | None = True

    def __init__(self, folder: Path) -> None:
        """Create the folder with permissions 0700."""
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def send(self, message: EmailMessage) -> None:
        """Write a file named after the Message-ID; sending a mail again overwrites it."""
        name = message["Message-ID"].strip("<>").partition("@")[0]
        unfinished = self.folder / f".{name}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.as_bytes())
        unfinished.replace(self.folder / f"{name}.eml")

    def greet(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def open_transport() -> Transport:
    """Return the transport for EMAIL_URL: a folder for ``file:``, else SMTP."""
    parts = urlsplit(settings.EMAIL_URL)
    if parts.scheme == "file":
        return FolderTransport(Path(unquote(parts.path)))
    return SmtpTransport(settings.EMAIL_URL)
