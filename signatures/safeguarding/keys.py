"""Keyed hashes of addresses, which recognise a repeat signer and cannot be reversed.

Whoever has both the database and the secrets can still test a guessed address against them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence

from django.conf import settings

from signatures.normal_forms import normal_form
from signatures.safeguarding.addresses import is_at_large_provider
from signatures.safeguarding.mailboxes import untagged


def _versioned_keys(purpose: bytes, petition_id: int, value: str) -> list[bytes]:
    message = b"\0".join([purpose, str(petition_id).encode(), value.encode()])
    return [
        bytes([version]) + hmac.digest(secret.encode(), message, hashlib.sha256)
        for version, secret in settings.EMAIL_KEY_SECRETS.items()
    ]


def email_keys(petition_id: int, canonical: str) -> list[bytes]:
    """Return the key of an address within one petition under every secret, that of the current secret first.

    :returns: 33 bytes each: the secret's version, then HMAC-SHA-256 (RFC 2104)
    """
    return _versioned_keys(b"address", petition_id, canonical)


def domain_keys(petition_id: int, canonical: str) -> list[bytes]:
    """Return the keys of the address's domain within one petition, computed like email_keys.

    :returns: an empty list for a large provider: its domain does not reveal a wave, and would be stored for everybody
    """
    if is_at_large_provider(canonical):
        return []
    return _versioned_keys(b"domain", petition_id, canonical.rpartition("@")[2])


def name_keys(petition_id: int, name: str) -> list[bytes]:
    """Return the keys of a name within one petition, whatever the order, the capitals and the accents of its words.

    Computed like email_keys, so that a wave under one name can be held without storing the name.
    """
    plain = "".join(c for c in normal_form("NFD", name) if not unicodedata.combining(c))
    return _versioned_keys(b"name", petition_id, " ".join(sorted(re.findall(r"\w+", plain.casefold()))))


def written_key(keys: Sequence[bytes | memoryview]) -> bytes:
    """Return the key under the current secret, or the first key if there is none under it."""
    version = next(iter(settings.EMAIL_KEY_SECRETS))
    carried = [bytes(key) for key in keys]
    return next((key for key in carried if key[0] == version), carried[0])


def mail_key(canonical: str) -> bytes:
    """Return the key by which the suppression list stores an address without its tag; it is never stored elsewhere.

    :returns: 32 bytes, HMAC-SHA-256 under a separate secret
    """
    return _mail_hash(untagged(canonical).encode())


def mail_keys(canonical: str) -> list[bytes]:
    """Return the keys by which the suppression list may store an address: earlier entries included the tag."""
    return [mail_key(canonical), _mail_hash(canonical.encode())]


def mail_count_key(*parts: str) -> bytes:
    """Return the key of a mail counter, which nothing else shares.

    :param parts: the mailbox or domain, the window, and whatever else identifies the counter
    :returns: 32 bytes
    """
    # No address contains NUL, so no counter has the key of an address.
    return _mail_hash("\0".join(["count", *parts]).encode())


def _mail_hash(message: bytes) -> bytes:
    return hmac.digest(settings.MAIL_KEY_SECRET.encode(), message, hashlib.sha256)
