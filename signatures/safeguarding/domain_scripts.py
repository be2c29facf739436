"""Domains in ASCII, as browsers send them from a field for addresses, and in the letters that people read."""

from __future__ import annotations

import re

import idna

from signatures.homoglyphs import scripts_of
from signatures.normal_forms import normal_form

IN_ASCII = re.compile(r"xn--[a-z0-9-]+", re.IGNORECASE)
AFTER_AT = re.compile(r"(?<=@)\S+")
# One script written with letters of another is not typed on purpose.
CONFUSED_SCRIPTS = {"LATIN", "CYRILLIC", "GREEK"}


def in_letters(domain: str) -> str:
    """Return a domain with its labels in the letters that were typed, as it is where they cannot be told.

    Browsers encode what no domain may hold, too, such as a quote behind it, so that this asks for no valid label.
    """
    return IN_ASCII.sub(_decoded, domain)


def domains_in_letters(text: str) -> str:
    """Return a text with whatever follows an @ in the letters that were typed."""
    return AFTER_AT.sub(lambda found: in_letters(found.group(0)), text)


def as_read(address: str) -> str:
    """Return an address to show: its domain in letters. Those that look like others are marked; see ``odd_letters``."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{in_letters(domain)}"


def is_mixed(domain: str) -> bool:
    """Return whether one label of a domain, or one part of a name, is written in several alphabets that look alike."""
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
    # A browser maps a label before it encodes it; what it cannot have sent is read as nothing else.
    stands = normal_form("NFKC", letters).lower() == letters and f"xn--{letters.encode('punycode').decode()}" == label
    return letters if stands else found.group(0)
