"""Validates the settings for bounces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

# Addresses that need no quoting in IMAP commands and that every mail server accepts; the lengths are from RFC 5321.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
ADDRESS_LENGTH_MAX = 254
FOLDER = re.compile(r"[ !#-\[\]-~]+")


def bounce_problems(address: str, url: str, *, sender: str) -> list[str]:
    """Return a sentence for each problem with the settings for bounces.

    :param address: the envelope sender of every mail, or an empty string
    :param url: of the mailbox, or an empty string
    :param sender: the address in From, to which people reply
    """
    return [*_problems_of_address(address, url, sender), *_problems_of_mailbox(url)]


def _problems_of_address(address: str, url: str, sender: str) -> Iterator[str]:
    if address and (not ADDRESS.fullmatch(address) or len(address) > ADDRESS_LENGTH_MAX):
        yield "BOUNCE_ADDRESS must be an address such as bounces@petition.example.org, in ASCII and without a name."
    elif url and (not address or address.lower() == sender.lower()):
        # All mails to that address are deleted, and people do reply to mails.
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
