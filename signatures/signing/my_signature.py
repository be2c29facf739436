"""What signers do with their signature later: lower its visibility, withdraw it, ask for no more mails."""

from __future__ import annotations

from signatures import tokens
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

    :param sender: the mark of the network that asks
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
    """Bring the signature down to a visibility; what is as low already stays, and no signature is no error.

    Attempts that wait are spent, so that no earlier one raises the visibility again.
    """
    lower_stored(subject, to)


def withdraw_signature(*, subject: MySignature) -> None:
    """Erase the signature with all that waits of its address; no signature is no error."""
    erase_stored(subject)


def suppress_mails(*, mail_key: bytes) -> None:
    """Put an address on the list of those that get no more confirmation mails; twice is as good as once."""
    Suppression.objects.bulk_create([Suppression(mail_key=mail_key)], ignore_conflicts=True)
