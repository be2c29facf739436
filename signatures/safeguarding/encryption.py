"""Encrypts what is kept only for a while: names before confirmation, addresses and codes until the mail is sent."""

from __future__ import annotations

from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> bytes:
    """Return the text under the newest key."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode())


def decrypt(data: bytes | memoryview) -> str:
    """Return the text of what any of the keys encrypted.

    :raises cryptography.fernet.InvalidToken: if no key fits
    """
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(bytes(data)).decode()
