"""Encrypts and recognises the addresses of those who want news by mail, under keys that nothing else uses.

Both follow from NEWS_KEYS: what is encrypted can be read, so that the worker makes both anew when the key changes.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

RECOGNISES = b"recognises an address\0"


def encrypt_address(address: str) -> bytes:
    """Encrypt an address under the newest key."""
    return _fernet().encrypt(address.encode())


def decrypt_address(data: bytes | memoryview) -> str:
    """Decrypt an address with whichever key fits.

    :raises cryptography.fernet.InvalidToken: if no key fits
    """
    return _fernet().decrypt(bytes(data)).decode()


def address_keys(petition_id: int, canonical: str) -> list[bytes]:
    """Return the keys by which an address is recognised within one petition, the one of the newest key first.

    :param canonical: the address in its canonical form
    :returns: 32 bytes each, HMAC-SHA-256 under secrets derived from those that encrypt
    """
    message = f"{petition_id}\0{canonical}".encode()
    return [
        hmac.digest(hmac.digest(key.encode(), RECOGNISES, hashlib.sha256), message, hashlib.sha256)
        for key in settings.NEWS_KEYS
    ]


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.NEWS_KEYS])
