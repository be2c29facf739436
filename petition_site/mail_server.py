"""Reads the settings for outgoing mails: server, sender, HELO name and trusted CA certificates."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from petition_site.authorities import read_authorities
from petition_site.env import Reader

SENDER = re.compile(r"[^\s@<>,\x7f-\U0010ffff]+@[^\s@<>,\x7f-\U0010ffff]+")
# RFC 5321, 2.3.5: a fully-qualified name of letters, digits and hyphens.
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
FULL_NAME = re.compile(rf"(?=.{{1,255}}$){LABEL}(\.{LABEL})*\.(?=[a-z0-9-]*[a-z]){LABEL}", re.IGNORECASE)
# RFC 5321, 4.1.3.
LITERAL = re.compile(r"\[(?P<v6>IPv6:)?(?P<address>[0-9a-f:.]+)\]", re.IGNORECASE)
# Every machine has these names, so servers refuse them as meaningless.
NAMES_OF_ALL = ("localhost", "localdomain")
TLS_SCHEMES = {"smtp+tls", "smtp+ssl"}


@dataclass(frozen=True)
class MailServer:
    """The settings for outgoing mails.

    :param url: of the server, or of a folder
    :param sender: the address in From
    :param helo_name: sent with EHLO
    :param authorities: the only trusted CA certificates, in PEM; empty for those of the system
    """

    url: str
    sender: str
    helo_name: str
    authorities: str


def read_mail_server(read: Reader, site_origin: str) -> MailServer:
    """Return the settings for outgoing mails, and record problems with them."""
    url = read.mail_url("EMAIL_URL")
    sender = read_sender(read)
    helo_name = read.text("MAIL_HELO_NAME", "", default="") or _name_of(site_origin)
    if not is_helo_name(helo_name):
        read.problems.append(
            "MAIL_HELO_NAME must be this machine's full host name, such as mail.example.org, in ASCII, or its address"
            " in brackets, such as [192.0.2.1] or [IPv6:2001:db8::1]: mail servers refuse what is less."
        )
    return MailServer(url, sender, helo_name, _authorities(read, url))


def read_sender(read: Reader) -> str:
    """Return the address that mails come from, and record a problem with it."""
    sender = read.text("MAIL_SENDER", "set it to the address that mails come from, for example no-reply@example.org")
    if sender and not SENDER.fullmatch(sender):
        read.problems.append(
            "MAIL_SENDER must be an address such as no-reply@example.org, without a name, in ASCII: a domain with other"
            " letters is written as xn--…."
        )
    return sender


def is_helo_name(text: str) -> bool:
    """Return whether mail servers accept a text as the name or address of a machine (RFC 5321, 4.1.1.1)."""
    if found := LITERAL.fullmatch(text):
        try:
            address = ipaddress.ip_address(found["address"])
        except ValueError:
            return False
        return (address.version == 6) == bool(found["v6"])  # noqa: PLR2004 - of IPv6
    return bool(FULL_NAME.fullmatch(text)) and text.lower().rpartition(".")[2] not in NAMES_OF_ALL


def _name_of(origin: str) -> str:
    """Derive a HELO name from the site's origin; the machine's own name may be unqualified, and is not revealed."""
    host = urlsplit(origin).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host if is_helo_name(host) else "[127.0.0.1]"
    return f"[IPv6:{address}]" if isinstance(address, ipaddress.IPv6Address) else f"[{address}]"


def _authorities(read: Reader, url: str) -> str:
    text = read_authorities(read, "MAIL_CA")
    if text and url and urlsplit(url).scheme not in TLS_SCHEMES:
        read.problems.append(
            "MAIL_CA vouches for nobody, since EMAIL_URL asks for no encryption: use smtp+tls:// there."
        )
    return text
