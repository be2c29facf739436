"""Validates the settings that only the operator knows, apart from the site's own address and its mail server."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from petition_site.mail_server import SENDER

RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")


def recipient_problems(recipient: str) -> list[str]:
    """Return a sentence if backups cannot be encrypted to this, or nothing; an empty string is none."""
    if recipient and not RECIPIENT.fullmatch(recipient):
        return ["BACKUP_RECIPIENT must be the public half of an age key, age1…: age-keygen prints it."]
    return []


def operator_problems(address: str, ping_url: str) -> list[str]:
    """Return a sentence for each problem with the settings for the operator; none repeats the ping's address.

    :param address: of the operator, or an empty string
    :param ping_url: of the dead man's switch, or an empty string
    """
    return [*_problems_of_address(address), *_problems_of_ping(ping_url)]


def _problems_of_address(address: str) -> Iterator[str]:
    if address and not SENDER.fullmatch(address):
        yield "OPERATOR_EMAIL must be an address such as operator@example.org, without a name, in ASCII."


def _problems_of_ping(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    if url and (not parts.hostname or not url.isascii() or any(character.isspace() for character in url)):
        yield "OPERATOR_PING_URL must be an address such as https://hc-ping.com/UUID, in ASCII."
    elif url and (parts.username or parts.password or parts.fragment):
        yield "OPERATOR_PING_URL takes neither a password before the host nor a # part: what is secret is in its path."
    elif url and parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        yield "OPERATOR_PING_URL must begin with https://: whoever reads it could send signs of life in our place."


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
