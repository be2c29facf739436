"""Signatures of manifests."""

from __future__ import annotations

from pytest_django import Settings

from signatures.safeguarding import manifest_signing

# RFC 8032, section 7.1, the second test: a key, its public key, a message of one byte, its signature.
SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
MESSAGE = bytes.fromhex("72")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_signatures_match_the_test_vectors_of_the_standard(settings: Settings) -> None:
    settings.DELIVERY_SIGNING_KEY = SECRET
    assert manifest_signing.public_key() == PUBLIC
    assert manifest_signing.sign(MESSAGE) == SIGNATURE
    assert manifest_signing.is_signed(MESSAGE, SIGNATURE, PUBLIC)


def test_another_message_signature_or_key_is_refused() -> None:
    assert not manifest_signing.is_signed(b"other", SIGNATURE, PUBLIC)
    assert not manifest_signing.is_signed(MESSAGE, SIGNATURE[:-1], PUBLIC)
    assert not manifest_signing.is_signed(MESSAGE, bytes(64), PUBLIC)
    assert not manifest_signing.is_signed(MESSAGE, SIGNATURE, PUBLIC[::-1])
    assert not manifest_signing.is_signed(MESSAGE, SIGNATURE, b"")
