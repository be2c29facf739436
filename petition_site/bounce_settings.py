"""What must be so of the settings about mails that come back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

# What an IMAP server can be asked for without quoting, and every mail server takes; RFC 5321 has the lengths.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
ADDRESS_LENGTH_MAX = 254
FOLDER = re.compile(r"[ !#-\[\]-~]+")


def bounce_problems(address: str, url: str, *, sender: str) -> list[str]:
    """Return a sentence for each thing that is wrong.

    address: the envelope sender of every mail, or nothing.
    url: the mailbox, or nothing.
    sender: whom mails are from, and whom people answer.
    """
    return [*_problems_of_address(address, url, sender), *_problems_of_mailbox(url)]


def _problems_of_address(address: str, url: str, sender: str) -> Iterator[str]:
    if address and (not ADDRESS.fullmatch(address) or len(address) > ADDRESS_LENGTH_MAX):
        yield "BOUNCE_ADDRESS must be an address such as bounces@petition.example.org, in ASCII and without a name."
    elif url and (not address or address.lower() == sender.lower()):
        # Whatever is addressed there is deleted, and people do answer mails.
        yield (
            "BOUNCE_URL needs BOUNCE_ADDRESS, an address that is used for nothing else: not MAIL_SENDER, since answers"
            " to it would be deleted."
        )


def _problems_of_mailbox(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    folder = unquote(parts.path.strip("/"))
    if url and not (parts.hostname and parts.username and parts.password):
        yield "BOUNCE_URL must name user, password and server: imaps://user:password@mail.example.org/INBOX."
    elif folder and not FOLDER.fullmatch(folder):
        yield "BOUNCE_URL takes a folder in ASCII, without quotation marks and backslashes."
