"""Parses an e-mail address as somebody typed or pasted it.

Whatever cannot be part of an address is removed silently: spaces and invisible characters, quotes, brackets, a name,
``mailto:``, the full stop of a sentence. Corrections that replace, drop or add a character of the address itself are
only suggested, since another mailbox may be meant. All this happens before, and independently of, the canonical form.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from html import unescape
from html.entities import html5
from urllib.parse import unquote

import idna
from email_validator import EmailNotValidError, validate_email

from signatures.homoglyphs import without_any_invisible
from signatures.safeguarding.address_slips import corrections
from signatures.safeguarding.addresses import canonical_address, is_at_large_provider
from signatures.safeguarding.domain_scripts import domains_in_letters, in_letters, is_mixed
from signatures.safeguarding.public_suffixes import ending_exists

# People may paste whole mails, but no address is longer than a line.
TYPED_LENGTH_MAX = 1000
# RFC 5321, section 4.5.3.1.1: servers need not accept more.
LOCAL_OCTETS_MAX = 64
SUGGESTIONS_MAX = 3
# Mail programs decode encoded words (RFC 2047): the mail would go to another mailbox than the one that is counted.
ENCODED_WORD = "=?"
JOINERS = "\u200c\u200d"
# An & and letters may be part of an address, so only sequences that end in a semicolon are treated as HTML entities.
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});")
IN_BRACKETS = re.compile(r"^([^<>]*)<\s*([^<>]*@[^<>]*?)\s*>[^\w@]*$")
MAILTO = re.compile(r"^(.*?)(?<![^\s<(\[\"'«“„])mailto:(?://)?([^?]*)(?:\?[^@]*)?$", re.IGNORECASE | re.DOTALL)
# A colon may be a mistyped full stop, since both share a key on many keyboards. So the text before it is removed only
# if a space or the slashes of a link follow, or if it is a word for an address.
BEFORE_LABEL = r"(?:e|my|your|эл\.?|электронн\w{1,5}|мо[йяеё]|адрес|адрас|почтов\w{1,4})"
LABEL = r"(?:e-?mail|почт[аы]|пошт[аы]|address|адрес|адрас|им[еэ]йл|(?<=\s)mail)"
LEAD = re.compile(
    rf"^(?:[^@]*:\s+|[^@]*(?<![^\s<(\[\"'«“„])[a-z][a-z0-9+]*://|(?:(?:{BEFORE_LABEL}|e-?mail)\s+)*{LABEL}\s*:)(?=[^@]+@)",
    re.IGNORECASE | re.DOTALL,
)
REMARK = re.compile(r"(?<=\S)\s+\([^()@]*\)\W*$")
# None of these can begin an address. A full stop cannot either, but it is treated as a typing mistake.
OPENING = ' "“”„«»‹›‚<>()[],;:•·'
BEFORE_A_WORD = re.compile(r"^[-*–—]\s+")
# An apostrophe can begin an address, so it is removed only if another one closes it.
SINGLE_QUOTES = ("'", "’", "‘")
AROUND_AT = re.compile(r"\s*@\s*")


class Doubt(Enum):
    """Why the visitor is asked to check an address."""

    SLIP = auto()
    NO_ADDRESS = auto()
    ENDING = auto()
    LENGTH = auto()
    LETTERS = auto()


@dataclass(frozen=True)
class Reading:
    """The interpretation of a typed text.

    :param address: the address to send to if the visitor agrees, its domain in ASCII; None if the text is not one
    :param doubt: why the visitor is asked to check it, or None
    :param suggestions: addresses that may be meant instead, the likeliest first, at most SUGGESTIONS_MAX
    """

    address: str | None
    doubt: Doubt | None = None
    suggestions: tuple[str, ...] = ()


def read_address(text: str) -> Reading:
    """Interpret a typed text of at most TYPED_LENGTH_MAX characters."""
    bare = unwrapped(text)
    address = parsed(bare)
    suggestions: list[str] = []
    for candidate in corrections(bare):
        other = parsed(candidate)
        if other is None or other == address or other in suggestions:
            continue
        if _doubt_about(other) is None and [parsed(again) for again in corrections(other)] == [other]:
            suggestions.append(other)
    doubt = _doubt_about(address) if address is not None else Doubt.NO_ADDRESS
    if suggestions and address is not None:
        doubt = Doubt.SLIP
    return Reading(address, doubt, tuple(suggestions[:SUGGESTIONS_MAX]))


def parsed(text: str) -> str | None:
    """Return the text as a valid address, possibly an international one (RFC 6531), or None."""
    try:
        address = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return None if ENCODED_WORD in address.local_part else f"{address.local_part}@{address.ascii_domain}"


def unwrapped(text: str) -> str:
    """Return the text without anything that cannot be part of an address, its domain in the letters that were typed."""
    text = domains_in_letters(ENTITY.sub(_character, text))
    text = " ".join(without_any_invisible(_with_joiners_in_ascii(text)).split())
    if found := IN_BRACKETS.match(text):
        text = _inner(text, found.group(1), found.group(2))
    if found := MAILTO.match(text):
        text = _inner(text, found.group(1), unquote(found.group(2)))
    text = REMARK.sub("", LEAD.sub("", text))
    text = BEFORE_A_WORD.sub("", text).lstrip(OPENING)
    kept = _without_end(text)
    if text.startswith(SINGLE_QUOTES) and text[len(kept) :].startswith(SINGLE_QUOTES):
        kept = kept[1:]
    return AROUND_AT.sub("@", kept)


def _character(found: re.Match[str]) -> str:
    """Return the character of an HTML entity, or the text itself if there is no such entity."""
    name = found.group(0)[1:]
    return unescape(found.group(0)) if name.startswith("#") or name in html5 else found.group(0)


def _inner(text: str, before: str, inner: str) -> str:
    """Return the part inside the brackets or the link of a text, or the whole text if it has another address before."""
    if "@" not in inner:
        return text
    around = f"{OPENING}'"
    meant = inner.lower().removeprefix("mailto:").strip(around)
    others = [word.strip(around).lower() for word in before.split() if "@" in word]
    return inner if all(other == meant for other in others) else text


def _without_end(text: str) -> str:
    """Cut a text with an @ after its last letter, digit or mark, since every domain ends in one."""
    if "@" not in text:
        return text.rstrip()
    end = len(text)
    while end and unicodedata.category(text[end - 1])[0] not in "LNM" and text[end - 1] != "@":
        end -= 1
    return text[:end]


def _with_joiners_in_ascii(text: str) -> str:
    """Encode labels of the domain to ASCII if their script needs a joiner (RFC 5892, appendix A)."""
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
    """Return why an address is doubtful on its own, without a better suggestion, or None."""
    local, _, domain = address.rpartition("@")
    if len(local.encode()) > LOCAL_OCTETS_MAX:
        return Doubt.LENGTH
    if not ending_exists(domain):
        return Doubt.ENDING
    mixed = is_mixed(local) or is_mixed(in_letters(domain))
    # Large providers offer no addresses with letters beyond ASCII.
    if mixed or (not local.isascii() and is_at_large_provider(canonical_address(address))):
        return Doubt.LETTERS
    return None
