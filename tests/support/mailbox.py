"""The mails that were sent to visitors."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from signatures.mailing.sending import send_batch
from signatures.mailing.transports import FolderTransport

CODE = re.compile(r"\b([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})\b")


class Mailbox:
    """A folder into which the outbox is sent."""

    def __init__(self, folder: Path) -> None:
        """Remember the folder."""
        self.transport = FolderTransport(folder)

    def deliver(self) -> list[EmailMessage]:
        """Send due mails as the worker does, and return the new mails, oldest first."""
        before = set(self._files())
        while send_batch(self.transport).handled:
            pass
        return [_read(path) for path in self._files() if path not in before]

    def messages(self) -> list[EmailMessage]:
        """Return all mails so far, oldest first."""
        return [_read(path) for path in self._files()]

    def _files(self) -> list[Path]:
        return sorted(self.transport.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)


def _read(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def text_of(message: EmailMessage) -> str:
    """Return the plain text of a mail."""
    body = message.get_body(("plain",))
    assert body is not None
    return cast("str", body.get_content())


def html_of(message: EmailMessage) -> str:
    """Return the HTML of a mail."""
    body = message.get_body(("html",))
    assert body is not None
    return cast("str", body.get_content())


def code_in(message: EmailMessage) -> str:
    """Return the code in a mail."""
    found = CODE.search(text_of(message))
    assert found is not None
    return found.group(1)


def paths_in(message: EmailMessage) -> list[str]:
    """Return the paths on our site that a mail links to, in order."""
    return re.findall(r"http://testserver(/\S+)", text_of(message))
