"""Reads an e-mail address as somebody typed or pasted it.

What can be part of no address is taken off and not spoken of: blanks and invisible characters, quotes, brackets, a
name, ``mailto:``, the point of a sentence. Whatever would exchange, drop or add a character of the address itself is
only suggested, since another mailbox may be meant. All this comes before the canonical form, which knows none of it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import unquote

import idna
from email_validator import EmailNotValidError, validate_email

from signatures.look_alikes import scripts_of, without_invisible
from signatures.safeguarding.address_slips import mended
from signatures.safeguarding.addresses import canonical_address, is_at_large_provider
from signatures.safeguarding.endings import ending_exists

# Whole mails may be pasted; nobody's address is longer than a line.
TYPED_LENGTH_MAX = 1000
# RFC 5321, section 4.5.3.1.1: servers need not take more.
LOCAL_OCTETS_MAX = 64
SUGGESTIONS_MAX = 3
# What mail programs decode in an address (RFC 2047): it would lead to another mailbox than the one that is counted.
ENCODED_WORD = "=?"
JOINERS = "\u200c\u200d"
IN_BRACKETS = re.compile(r"<\s*([^<>]*@[^<>]*?)\s*(?:>\W*)?$")
MAILTO = re.compile(r"^.*?mailto:/*([^?]*).*$", re.IGNORECASE | re.DOTALL)
# A word such as “E-mail:” in front, or the scheme of a link.
LEAD = re.compile(r"^[^@]*:/*(?=[^@:]+@)", re.DOTALL)
REMARK = re.compile(r"(?<=\S)\s+\([^()@]*\)\W*$")
# None of these can begin an address; an apostrophe can, so that it is taken off only where another closes it.
OPENING = ' "“”„«»‹›‘’‚<>()[],;:.•·–—'
BEFORE_A_WORD = re.compile(r"^[-*]\s+")
AROUND_AT = re.compile(r"\s*@\s*")
# One script written with letters of another is not typed on purpose.
CONFUSED_SCRIPTS = {"LATIN", "CYRILLIC", "GREEK"}


class Doubt(Enum):
    """Why an address is asked about."""

    SLIP = auto()
    NO_ADDRESS = auto()
    ENDING = auto()
    LENGTH = auto()
    LETTERS = auto()


@dataclass(frozen=True)
class Reading:
    """What a typed text may mean.

    :param address: the address to send to if nobody minds, its domain in ASCII; None where the text is none
    :param doubt: why it is asked about, or None
    :param suggestions: what may be meant instead, the likeliest first, at most SUGGESTIONS_MAX
    """

    address: str | None
    doubt: Doubt | None = None
    suggestions: tuple[str, ...] = ()


def read_address(text: str) -> Reading:
    """Return what a typed text means; it has TYPED_LENGTH_MAX characters at most."""
    bare = unwrapped(text)
    address = parsed(bare)
    suggestions: list[str] = []
    for candidate in mended(bare):
        other = parsed(candidate)
        if other is None or other == address or other in suggestions:
            continue
        if _doubt_about(other) is None and [parsed(again) for again in mended(other)] == [other]:
            suggestions.append(other)
    doubt = _doubt_about(address) if address is not None else Doubt.NO_ADDRESS
    if suggestions and address is not None:
        doubt = Doubt.SLIP
    return Reading(address, doubt, tuple(suggestions[:SUGGESTIONS_MAX]))


def parsed(text: str) -> str | None:
    """Return the address that a text is, international ones included (RFC 6531), or None."""
    try:
        address = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return None if ENCODED_WORD in address.local_part else f"{address.local_part}@{address.ascii_domain}"


def unwrapped(text: str) -> str:
    """Return the text without what can be part of no address."""
    text = html.unescape(text) if ";" in text else text
    text = " ".join(without_invisible(_with_joiners_in_ascii(text)).split())
    if found := IN_BRACKETS.search(text):
        text = found.group(1)
    if found := MAILTO.match(text):
        text = unquote(found.group(1))
    text = REMARK.sub("", LEAD.sub("", text))
    text = BEFORE_A_WORD.sub("", text).lstrip(OPENING)
    kept = _without_end(text)
    if text[len(kept) :].startswith("'"):
        kept = kept.removeprefix("'")
    return AROUND_AT.sub("@", kept)


def _without_end(text: str) -> str:
    """Return the text up to its last letter, digit or mark, in which every domain ends, if there is a domain."""
    if "@" not in text:
        return text.rstrip()
    end = len(text)
    while end and unicodedata.category(text[end - 1])[0] not in "LNM" and text[end - 1] != "@":
        end -= 1
    return text[:end]


def _with_joiners_in_ascii(text: str) -> str:
    """Return the text with those labels of a domain in ASCII whose script needs a joiner (RFC 5892, appendix A)."""
    if not any(joiner in text for joiner in JOINERS):
        return text
    local, at, domain = text.rpartition("@")
    labels = [_label_in_ascii(label) for label in domain.split(".")]
    return f"{local}{at}{'.'.join(labels)}" if at else text


def _label_in_ascii(label: str) -> str:
    try:
        places = [place for place, character in enumerate(label) if character in JOINERS]
        needed = places and all(idna.core.valid_contextj(label, place) for place in places)
        return idna.encode(label, uts46=True).decode() if needed else label
    except (idna.IDNAError, ValueError):
        return label


def _doubt_about(address: str) -> Doubt | None:
    """Return what speaks against an address although nothing better is known."""
    local, _, domain = address.rpartition("@")
    if len(local.encode()) > LOCAL_OCTETS_MAX:
        return Doubt.LENGTH
    if not ending_exists(domain):
        return Doubt.ENDING
    parts = [*local.split("."), *map(_in_its_script, domain.split("."))]
    mixed = any(len(scripts_of(part) & CONFUSED_SCRIPTS) > 1 for part in parts)
    # The large ones give out no addresses with letters beyond ASCII.
    if mixed or (not local.isascii() and is_at_large_provider(canonical_address(address))):
        return Doubt.LETTERS
    return None


def _in_its_script(label: str) -> str:
    """Return a part of a domain as people read it."""
    try:
        return idna.decode(label)
    except idna.IDNAError:
        return label
