"""What signers do with their signature later: lower its visibility, withdraw it, ask for no more mails."""

from __future__ import annotations

from django.db import transaction

from signatures import tokens
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.mailing.enqueuing import enqueue_my_signature
from signatures.models import Petition, Signature, Suppression
from signatures.models.choices import SignatureState, TallyKind, Visibility
from signatures.safeguarding import keys
from signatures.safeguarding.addresses import canonical_address
from signatures.tokens import MySignature


def request_my_signature(*, petition: Petition, language: str, address: str) -> None:
    """Queue a mail with a link, whether or not the address has signed; nothing looks it up."""
    canonical = canonical_address(address)
    subject = MySignature(petition.pk, keys.email_keys(petition.pk, canonical))
    enqueue_my_signature(
        petition_id=petition.pk,
        language=language,
        address=address,
        mail_key=keys.mail_key(canonical),
        token=tokens.my_signature_token(subject),
    )


def lower_visibility(*, subject: MySignature, to: Visibility) -> None:
    """Bring the signature down to a visibility; what is as low already stays, and no signature is no error."""
    with transaction.atomic():
        for signature in Signature.objects.with_key(subject.petition_id, subject.email_keys).select_for_update():
            if Visibility(signature.visibility).reach <= to.reach:
                continue
            before = Dimensions.of(signature)
            signature.visibility = to
            signature.reason = None
            signature.reason_approved = False
            if to == Visibility.COUNTED:
                signature.name = None
                signature.city = None
            signature.save(update_fields=["visibility", "reason", "reason_approved", "name", "city"])
            if signature.state == SignatureState.CONFIRMED:
                write_tally(
                    subject.petition_id,
                    [
                        Event(TallyKind.CHANGED_FROM, before),
                        Event(TallyKind.CHANGED_TO, Dimensions.of(signature)),
                    ],
                )


def withdraw_signature(*, subject: MySignature) -> None:
    """Erase the signature; no signature is no error."""
    with transaction.atomic():
        for signature in Signature.objects.with_key(subject.petition_id, subject.email_keys).select_for_update():
            # Signatures before tallies, as everywhere: a repair locks the two tables in this order.
            signature.delete()
            if signature.state == SignatureState.CONFIRMED:
                write_tally(subject.petition_id, [Event(TallyKind.WITHDRAWN, Dimensions.of(signature))])


def suppress_mails(*, mail_key: bytes) -> None:
    """Put an address on the list of those that get no more confirmation mails; twice is as good as once."""
    Suppression.objects.bulk_create([Suppression(mail_key=mail_key)], ignore_conflicts=True)
