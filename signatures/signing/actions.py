"""The way of one signature: attempt, confirmation, expiry; each action is one transaction."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import cast

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Greatest

from signatures import tokens
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import Attempt, OutgoingMail, Petition, Signature, TextVersion
from signatures.models.attempt import STUB_LIFETIME
from signatures.models.choices import SignatureState, Source, StateReason, TallyKind, Visibility
from signatures.safeguarding import keys
from signatures.safeguarding.addresses import canonical_address
from signatures.safeguarding.encryption import decrypt, encrypt
from signatures.signing.storing import NewAttempt, store_attempt

EXPIRY_BATCH_SIZE = 1000
USABLE = Case(
    When(confirmed_at__isnull=True, then=Q(expires_at__gt=TransactionNow())),
    default=Q(confirmed_at__gt=TransactionNow() - STUB_LIFETIME),
    output_field=BooleanField(),
)


class NotTakenError(Exception):
    """The petition takes no signatures now, or another text than the one shown is the newest."""


class UnknownCodeError(Exception):
    """The code is used up, expired, unknown or malformed; which of these is told to nobody."""


def sign_petition(
    *,
    version: TextVersion,
    language: str,
    visibility: Visibility,
    name: str | None,
    address: str,
    country: str,
    city: str | None,
    suspicion: StateReason | None,
) -> None:
    """Store an attempt and queue its mail.

    Nothing here looks the address up, so that a new and a repeat signer cannot be told apart.

    :param version: the text that the visitor was shown
    :param name: cleaned; None if and only if no one may see it
    :param address: where the code goes
    :param suspicion: why the signature will have to wait for an organiser, if it is new
    :raises NotTakenError: if the petition is not open, or this is not its newest text
    """
    canonical = canonical_address(address)
    code = tokens.new_code()
    stored = store_attempt(
        NewAttempt(
            petition_id=version.petition_id,
            text_version_id=version.pk,
            version_number=version.number,
            language=language,
            country=country,
            visibility=visibility.value,
            suspicion=suspicion.value if suspicion else None,
            name=encrypt(name) if name is not None else None,
            city=encrypt(city) if city is not None else None,
            code_hash=tokens.code_hashes(code)[0],
            email_keys=keys.email_keys(version.petition_id, canonical),
            domain_keys=keys.domain_keys(version.petition_id, canonical),
            address=encrypt(address),
            code=encrypt(code),
            mail_key=keys.mail_key(canonical),
        )
    )
    if not stored:
        raise NotTakenError


def confirm_attempt(*, code: str, visibility: Visibility, reason: str | None) -> Petition:
    """Turn an attempt into a signature, or change the one that its address already has.

    A repetition within minutes changes nothing and gets the same answer.

    :param visibility: the attempt's or a lower one; a higher one is brought down to the attempt's
    :param reason: cleaned; kept for PUBLIC alone
    :raises UnknownCodeError: if there is no such attempt any more
    """
    with transaction.atomic():
        attempt = attempt_of(code, lock=True)
        if attempt.confirmed_at is not None:
            return attempt.petition
        visibility = min(visibility, attempt.chosen, key=lambda choice: choice.reach)
        _confirm(attempt, _signature_of(attempt, visibility, reason))
        _wipe(attempt)
    return attempt.petition


def attempt_of(code: str, *, lock: bool = False) -> Attempt:
    """Return the attempt that a code stands for, with its petition: one that waits, or a stub some minutes old.

    :raises UnknownCodeError: if there is no such attempt any more
    """
    attempts = Attempt.objects.filter(code_hash__in=tokens.code_hashes(code)).select_related("petition")
    if lock:
        attempts = attempts.select_for_update(of=("self",))
    attempt = attempts.annotate(usable=USABLE).filter(usable=True).first()
    if attempt is None:
        raise UnknownCodeError
    return attempt


def _signature_of(attempt: Attempt, visibility: Visibility, reason: str | None) -> Signature:
    named = visibility != Visibility.COUNTED
    held = attempt.suspicion is not None
    return Signature(
        petition_id=attempt.petition_id,
        email_key=keys.written_key(attempt.email_keys or []),
        domain_key=keys.written_key(attempt.domain_keys or []),
        state=SignatureState.HELD if held else SignatureState.CONFIRMED,
        state_reason=attempt.suspicion,
        ever_counted=not held,
        source=Source.WEB,
        visibility=visibility,
        name=decrypt(attempt.name_encrypted) if named and attempt.name_encrypted is not None else None,
        city=decrypt(attempt.city_encrypted) if named and attempt.city_encrypted is not None else None,
        # The constraint on attempts lets none of these be NULL before confirmation.
        country=cast("str", attempt.country),
        language=cast("str", attempt.language),
        text_version_id=cast("int", attempt.text_version_id),
        reason=reason if visibility == Visibility.PUBLIC else None,
    )


def _confirm(attempt: Attempt, new: Signature) -> None:
    _move_to_written_key(attempt, new)
    stored, inserted = Signature.objects.insert_or_lock(new)
    if inserted:
        if stored.state == SignatureState.CONFIRMED:
            write_tally(new.petition_id, [Event(TallyKind.CONFIRMED, Dimensions.of(new))])
        return
    Signature.objects.filter(pk=stored.pk).update(
        domain_key=new.domain_key,
        source=new.source,
        visibility=new.visibility,
        name=new.name,
        city=new.city,
        country=new.country,
        language=new.language,
        text_version=new.text_version_id,
        reason=new.reason,
        reason_approved=False,
        # A confirmation that began earlier may get here later.
        last_confirmed_at=Greatest(F("last_confirmed_at"), TransactionNow()),
        current_since=Greatest(F("current_since"), TransactionNow()),
    )
    if stored.state == SignatureState.CONFIRMED:
        write_tally(
            new.petition_id,
            [
                Event(TallyKind.CHANGED_FROM, Dimensions.of(stored)),
                Event(TallyKind.CHANGED_TO, Dimensions.of(new)),
            ],
        )


def _move_to_written_key(attempt: Attempt, new: Signature) -> None:
    carried = [bytes(key) for key in attempt.email_keys or []]
    older = [key for key in carried if key != new.email_key]
    if older:
        present = Signature.objects.filter(petition=OuterRef("petition"), email_key=new.email_key)
        Signature.objects.with_key(new.petition_id, older).exclude(Exists(present)).update(email_key=new.email_key)


def _wipe(attempt: Attempt) -> None:
    OutgoingMail.objects.filter(attempt=attempt).delete()
    Attempt.objects.filter(pk=attempt.pk).update(
        confirmed_at=TransactionNow(),
        name_encrypted=None,
        city_encrypted=None,
        country=None,
        visibility=None,
        language=None,
        text_version=None,
        email_keys=None,
        domain_keys=None,
        suspicion=None,
    )


def expire_attempts() -> int:
    """Delete attempts that ran out unconfirmed, and the stubs nothing needs any more; return how many ran out."""
    with transaction.atomic():
        Attempt.objects.spent_stubs().delete()
        gone = list(
            Attempt.objects.expired()
            .select_for_update(skip_locked=True)
            .order_by("petition_id", "id")[:EXPIRY_BATCH_SIZE]
        )
        ids = [attempt.pk for attempt in gone]
        OutgoingMail.objects.filter(attempt__in=ids).delete()
        Attempt.objects.filter(pk__in=ids).delete()
        for petition_id, attempts in groupby(gone, key=lambda attempt: attempt.petition_id):
            amounts = Counter(
                Dimensions(Source.WEB, attempt.country or "", attempt.language or "", attempt.visibility or "")
                for attempt in attempts
            )
            write_tally(
                petition_id,
                [Event(TallyKind.EXPIRED, dimensions, amount=amount) for dimensions, amount in amounts.items()],
            )
    return len(gone)
