"""Hands messages to a mail server, or puts them into a folder."""

from __future__ import annotations

import os
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings

from signatures.mailing.smtp import SmtpTransport


class Transport(Protocol):
    """Somewhere to send mails to."""

    # Whether it takes international addresses; None until that is known.
    speaks_utf8: bool | None

    def send(self, message: EmailMessage) -> None:
        """Hand over one message.

        :raises RefusedError: if it is not taken
        """

    def greet(self) -> None:
        """Find out whether mails would be taken, without one.

        :raises RefusedError: if they would not
        """

    def close(self) -> None:
        """Let go of the connection."""


class FolderTransport:
    """Writes each mail into a file of its own, for a local start and for tests."""

    speaks_utf8: bool | None = True

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

    def greet(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def open_transport() -> Transport:
    """Return what EMAIL_URL names."""
    parts = urlsplit(settings.EMAIL_URL)
    if parts.scheme == "file":
        return FolderTransport(Path(unquote(parts.path)))
    return SmtpTransport(settings.EMAIL_URL)
