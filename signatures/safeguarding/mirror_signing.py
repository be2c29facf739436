"""Signs the list of mirrors, and copies of the public pages, with a key that signs nothing else (Ed25519)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from signatures.safeguarding.manifest_signing import pem


def can_sign() -> bool:
    """Return whether the site has a key for this."""
    return bool(settings.MIRRORS_SIGNING_KEY)


def sign(content: bytes) -> bytes:
    """Return the detached signature of the content, 64 bytes (RFC 8032)."""
    return _private_key().sign(content)


def public_key_pem() -> str:
    """Return the public key in PEM format, as openssl reads it."""
    return pem(_private_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.MIRRORS_SIGNING_KEY)
