"""Converts domains from ASCII, as browsers send them from an e-mail field, to the letters that people read."""

from __future__ import annotations

import re

import idna

from signatures.homoglyphs import scripts_of
from signatures.normal_forms import normal_form

IN_ASCII = re.compile(r"xn--[a-z0-9-]+", re.IGNORECASE)
AFTER_AT = re.compile(r"(?<=@)\S+")
# Nobody mixes letters of these scripts within one word on purpose.
CONFUSED_SCRIPTS = {"LATIN", "CYRILLIC", "GREEK"}


def in_letters(domain: str) -> str:
    """Return a domain with its labels decoded to the letters that were typed; undecodable labels stay as they are.

    Browsers also encode characters that no domain may contain, such as a trailing quote, so labels need not be valid.
    """
    return IN_ASCII.sub(_decoded, domain)


def domains_in_letters(text: str) -> str:
    """Return a text in which everything that follows an @ is decoded like a domain."""
    return AFTER_AT.sub(lambda found: in_letters(found.group(0)), text)


def as_read(address: str) -> str:
    """Return an address for display, its domain in letters; pages mark look-alikes, see ``odd_letters``."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{in_letters(domain)}"


def is_mixed(domain: str) -> bool:
    """Return whether a label of a domain, or a dot-separated part of a name, mixes alphabets that look alike."""
    return any(len(scripts_of(label) & CONFUSED_SCRIPTS) > 1 for label in domain.split("."))


def _decoded(found: re.Match[str]) -> str:
    label = found.group(0).lower()
    try:
        return idna.decode(label)
    except idna.IDNAError:
        pass
    try:
        letters = label.removeprefix("xn--").encode().decode("punycode")
    except UnicodeError:
        return found.group(0)
    # Browsers map a label before they encode it; a label that no browser can have produced is not decoded.
    stands = normal_form("NFKC", letters).lower() == letters and f"xn--{letters.encode('punycode').decode()}" == label
    return letters if stands else found.group(0)
