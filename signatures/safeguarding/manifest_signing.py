"""Signs manifests and verifies their signatures (Ed25519)."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


def sign(content: bytes) -> bytes:
    """Return the detached signature of the content, 64 bytes."""
    return _private_key().sign(content)


def public_key() -> bytes:
    """Return the public key of the current signing key, 32 bytes."""
    return _private_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def is_signed(content: bytes, signature: bytes, key: bytes) -> bool:
    """Return whether a signature of the content is valid for a public key; malformed ones are invalid."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def pem(key: bytes) -> str:
    """Return a public key in PEM format, as openssl reads it."""
    loaded = Ed25519PublicKey.from_public_bytes(key)
    return loaded.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def fingerprint(key: bytes) -> str:
    """Return the SHA-256 of a public key's PEM file, in hexadecimal."""
    return hashlib.sha256(pem(key).encode()).hexdigest()


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.DELIVERY_SIGNING_KEY)
