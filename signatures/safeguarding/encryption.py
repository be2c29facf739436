"""Encrypts data that is kept temporarily: names before confirmation, addresses and codes until the mail is sent."""

from __future__ import annotations

from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> bytes:
    """Encrypt a text with the newest key."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode())


def decrypt(data: bytes | memoryview) -> str:
    """Decrypt data with whichever key fits.

    :raises cryptography.fernet.InvalidToken: if no key fits
    """
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(bytes(data)).decode()
