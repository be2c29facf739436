"""Watermarks: random bits in each file, so that its public digest can't be used to confirm a guess of its content."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from cryptography.fernet import InvalidToken
from django.db import transaction

from signatures.models import Delivery
from signatures.models.packing import EDITION_LENGTH
from signatures.safeguarding.encryption import decrypt, encrypt

SEED_BYTES = 32
SECRET_LENGTH = 32  # hexadecimal digits: 128 bits
# Letters first: a spreadsheet would read 12345678e901 as a number. One word in every language: programs look for it.
PREFIX = "watermark_"
PATTERN = re.compile(rf"{PREFIX}([0-9a-f]{{{EDITION_LENGTH}}})[0-9a-f]{{{SECRET_LENGTH}}}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Watermarks:
    """The watermarks of files that were made from the same rows.

    :param edition: the part that all of them share, by which a file is traced; not secret
    :param key: the key from which each file's own part is derived; stored nowhere
    """

    edition: str
    key: bytes = field(repr=False)

    def of(self, name: str) -> str:
        """Return the watermark of a file, 128 bits of which are unique to it."""
        return f"{PREFIX}{self.edition}{_hex(self.key, f'file {name}', SECRET_LENGTH)}"


def fresh_watermarks() -> Watermarks:
    """Return watermarks for a file that is made once and never again."""
    return _watermarks(secrets.token_bytes(SEED_BYTES))


def watermarks_of(delivery: Delivery, fingerprint: bytes) -> Watermarks:
    """Return the watermarks for the files of a hand-over.

    The bits are derived from the hand-over's random seed and the fingerprint (HMAC-SHA-256): the same rows give the
    same bits, however many downloads run at once; other rows give unrelated bits.

    :param fingerprint: digest of everything that the files are made from
    """
    return _watermarks(hmac.digest(_seed_of(delivery), fingerprint, hashlib.sha256))


def editions_in(text: str) -> list[str]:
    """Return the distinct editions of the watermarks in a text, in order."""
    return list(dict.fromkeys(found[1].lower() for found in PATTERN.finditer(text)))


def _watermarks(key: bytes) -> Watermarks:
    return Watermarks(_hex(key, "edition", EDITION_LENGTH), key)


def _hex(key: bytes, subject: str, length: int) -> str:
    return hmac.digest(key, subject.encode(), hashlib.sha256).hex()[:length]


def _seed_of(delivery: Delivery) -> bytes:
    """Return the seed of a hand-over; generate one if there is none or its encryption key was dropped."""
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if locked.seed_encrypted is not None:
            try:
                return bytes.fromhex(decrypt(locked.seed_encrypted))
            except InvalidToken:
                # The files get other bits and so another packing; those that were handed over stay provable.
                pass
        seed = secrets.token_bytes(SEED_BYTES)
        locked.seed_encrypted = encrypt(seed.hex())
        locked.save(update_fields=["seed_encrypted"])
        return seed
