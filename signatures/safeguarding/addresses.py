"""Canonical form of e-mail addresses, by which a repeat signer is recognised.

The rules below are reviewed constants: changing one lets people who signed under the old form sign a second time.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import idna


@dataclass(frozen=True)
class Provider:
    """How one mail provider reads the part before the @.

    :param domain: the domain under which all of the provider's domains are counted
    :param tag: the character that starts a tag which the provider ignores, or an empty string
    :param ignored: characters that the provider skips
    :param as_hyphen: characters that the provider takes for a hyphen
    """

    domain: str
    tag: str = "+"
    ignored: str = ""
    as_hyphen: str = ""


GMAIL = Provider("gmail.com", ignored=".")
YANDEX = Provider("yandex.ru", as_hyphen=".")
PROTON = Provider("proton.me", ignored="._-")
ICLOUD = Provider("icloud.com")
PROVIDERS: dict[str, Provider] = {
    "gmail.com": GMAIL,
    "googlemail.com": GMAIL,
    **dict.fromkeys(
        ["yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua", "narod.ru"],
        YANDEX,
    ),
    **dict.fromkeys(["proton.me", "protonmail.com", "pm.me"], PROTON),
    **dict.fromkeys(["icloud.com", "me.com", "mac.com"], ICLOUD),
    # One mailbox per domain at these; only the tag is ignored.
    **{
        domain: Provider(domain)
        for domain in (
            "mail.ru",
            "bk.ru",
            "inbox.ru",
            "list.ru",
            "internet.ru",
            "vk.com",
            "rambler.ru",
            "tut.by",
            "mail.by",
            "outlook.com",
            "hotmail.com",
            "live.com",
            "msn.com",
            "fastmail.com",
            "fastmail.fm",
            "tuta.com",
            "tutanota.com",
            "mailfence.com",
            "posteo.de",
            "mailbox.org",
            "zoho.com",
        )
    },
}


def canonical_domain(domain: str) -> str:
    """Return a domain in lower-case ASCII (IDNA 2008 with UTS 46 mapping, RFC 5891); as it is where that fails."""
    try:
        return idna.encode(domain.rstrip("."), uts46=True).decode().lower()
    except idna.IDNAError:
        return domain.lower()


def canonical_address(address: str) -> str:
    """Return the form of a valid address under which all spellings of one mailbox are the same.

    :param address: a syntactically valid address, local part and domain in any script
    """
    local, _, domain = address.rpartition("@")
    domain = canonical_domain(domain)
    local = unicodedata.normalize("NFC", unicodedata.normalize("NFC", local).casefold())
    provider = PROVIDERS.get(domain)
    if provider is None:
        return f"{local}@{domain}"
    if provider.tag:
        local = local.partition(provider.tag)[0] or local
    cleaned = "".join(c for c in local if c not in provider.ignored)
    for character in provider.as_hyphen:
        cleaned = cleaned.replace(character, "-")
    return f"{cleaned or local}@{provider.domain}"
