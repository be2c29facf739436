"""Codes and tokens, one secret for each purpose."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

CODE_BYTES = 10
PRESS_BYTES = 16
CODE_LENGTH = 16
GROUP_LENGTH = 4
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
TO_CROCKFORD = str.maketrans(BASE32, CROCKFORD)
# Crockford's base 32 forgives what the eye confuses, and case.
FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, "\N{NON-BREAKING HYPHEN}": None, "\N{HYPHEN}": None})
URL_SAFE = re.compile(r"[A-Za-z0-9_-]+")
MY_SIGNATURE_LIFETIME_SECONDS = 7 * 24 * 60 * 60


class InvalidLinkError(ValueError):
    """A token that is malformed, foreign or too old."""


def new_code() -> str:
    """Return 80 random bits in Crockford's base 32, in groups of four joined by hyphens."""
    code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().translate(TO_CROCKFORD)
    return "-".join(code[i : i + GROUP_LENGTH] for i in range(0, CODE_LENGTH, GROUP_LENGTH))


def canonical_code(text: str) -> str | None:
    """Return the sixteen characters of a code as somebody typed it, or None if it cannot be one."""
    code = "".join(text.split()).upper().translate(FORGIVEN)
    return code if len(code) == CODE_LENGTH and set(code) <= set(CROCKFORD) else None


def code_hashes(text: str) -> list[bytes]:
    """Return the keyed hashes of a typed code under every secret, the newest first.

    What cannot be a code has those of an empty one, which was given to nobody, so that it takes as long to look up.
    """
    code = canonical_code(text) or ""
    return [hmac.digest(secret.encode(), code.encode(), hashlib.sha256) for secret in settings.CODE_SECRETS]


def new_press() -> str:
    """Return random text that tells the page with a button from all others."""
    return secrets.token_urlsafe(PRESS_BYTES)


def press_hash(press: str) -> bytes | None:
    """Return the keyed hash of what a page held, or None where it held nothing."""
    message = b"press\0" + press.encode()
    return hmac.digest(settings.CODE_SECRETS[0].encode(), message, hashlib.sha256) if press else None


@dataclass(frozen=True)
class MySignature:
    """What a my-signature link stands for.

    :param petition_id: the petition
    :param email_keys: the address's key under every version of the secret
    """

    petition_id: int
    email_keys: list[bytes]


def my_signature_token(subject: MySignature) -> str:
    """Return an encrypted token for a link that lives seven days."""
    data = {"p": subject.petition_id, "k": [base64.b85encode(key).decode() for key in subject.email_keys]}
    return _seal(settings.MY_SIGNATURE_KEYS, json.dumps(data, separators=(",", ":")).encode())


def read_my_signature_token(token: str) -> MySignature:
    """Return what a token stands for.

    :raises InvalidLinkError: if it is not ours or older than seven days
    """
    data = json.loads(_open(settings.MY_SIGNATURE_KEYS, token, MY_SIGNATURE_LIFETIME_SECONDS))
    return MySignature(data["p"], [base64.b85decode(key) for key in data["k"]])


def no_mail_token(mail_key: bytes) -> str:
    """Return an encrypted token with which an address asks for no more mails; it does not expire."""
    return _seal(settings.NO_MAIL_KEYS, mail_key)


def read_no_mail_token(token: str) -> bytes:
    """Return the mail key that a token stands for.

    :raises InvalidLinkError: if it is not ours
    """
    return _open(settings.NO_MAIL_KEYS, token, None)


def _seal(keys: list[str], data: bytes) -> str:
    return MultiFernet([Fernet(key) for key in keys]).encrypt(data).decode().rstrip("=")


def _open(keys: list[str], token: str, ttl: int | None) -> bytes:
    try:
        if not URL_SAFE.fullmatch(token):
            # Python's base 64 would pass over what does not belong there.
            raise InvalidToken  # noqa: TRY301
        padded = token + "=" * (-len(token) % 4)
        return MultiFernet([Fernet(key) for key in keys]).decrypt(padded.encode(), ttl=ttl)
    except (InvalidToken, ValueError) as error:
        message = "This link is not valid."
        raise InvalidLinkError(message) from error
