"""Puts mails into the outbox, in the caller's transaction."""

from __future__ import annotations

from signatures.models import OutgoingMail
from signatures.models.choices import MailKind
from signatures.safeguarding.encryption import encrypt


def enqueue_my_signature(*, petition_id: int, language: str, address: str, mail_key: bytes, token: str) -> None:
    """Queue the mail with a my-signature link, whether or not the address has signed."""
    OutgoingMail.objects.create(
        kind=MailKind.MY_SIGNATURE,
        petition_id=petition_id,
        language=language,
        address_encrypted=encrypt(address),
        secret_encrypted=encrypt(token),
        mail_key=mail_key,
    )
