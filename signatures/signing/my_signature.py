"""What signers can do later: lower their signature's visibility, withdraw it, stop further mails."""

from __future__ import annotations

from signatures import tokens
from signatures.journaling import copy_own
from signatures.mailing.enqueuing import enqueue_my_signature
from signatures.mailing.envelopes import Envelope
from signatures.models import Petition, Suppression
from signatures.models.choices import Visibility
from signatures.safeguarding import keys
from signatures.safeguarding.addresses import canonical_address
from signatures.signing.changing import erase_stored, lower_stored
from signatures.tokens import MySignature


def request_my_signature(*, petition: Petition, language: str, address: str, sender: str) -> None:
    """Queue a mail with a link, whether or not the address has signed; nothing looks it up.

    :param sender: the mark of the network that the request came from
    """
    subject = MySignature(petition.pk, keys.email_keys(petition.pk, canonical_address(address)))
    enqueue_my_signature(
        petition_id=petition.pk,
        language=language,
        envelope=Envelope(address, sender),
        email_keys=subject.email_keys,
        token=tokens.my_signature_token(subject),
    )


def lower_visibility(*, subject: MySignature, to: Visibility) -> None:
    """Lower the signature to a visibility; does nothing if it is as low already or doesn't exist.

    Pending attempts are invalidated, so that no earlier one raises the visibility again.
    """
    lower_stored(subject, to)
    copy_own()


def withdraw_signature(*, subject: MySignature) -> None:
    """Erase the signature with all pending attempts and mails of its address; no error if there is none."""
    erase_stored(subject)
    copy_own()


def suppress_mails(*, mail_key: bytes) -> None:
    """Add an address to the suppression list for confirmation mails; idempotent."""
    Suppression.objects.bulk_create([Suppression(mail_key=mail_key)], ignore_conflicts=True)
    copy_own()
