"""Adds mails to the outbox, in the caller's transaction."""

from __future__ import annotations

from signatures.mailing.envelopes import Envelope
from signatures.models import OutgoingMail
from signatures.models.choices import MailKind
from signatures.safeguarding.encryption import encrypt


def enqueue_my_signature(
    *, petition_id: int, language: str, envelope: Envelope, email_keys: list[bytes], token: str
) -> None:
    """Queue the mail with a my-signature link, whether or not the address has signed.

    :param email_keys: by which withdrawing finds the mail while it is queued
    """
    OutgoingMail.objects.create(
        kind=MailKind.MY_SIGNATURE,
        petition_id=petition_id,
        language=language,
        address_encrypted=envelope.seal(),
        secret_encrypted=encrypt(token),
        email_keys=email_keys,
    )
