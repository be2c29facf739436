"""The life cycle of a signature: attempt, confirmation, expiry; each action is one transaction."""

from __future__ import annotations

import contextlib
import hmac
from collections import Counter
from itertools import groupby
from typing import cast

from django.db import transaction

from signatures import tokens
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.journaling import copy_own
from signatures.mailing.envelopes import Envelope
from signatures.models import Attempt, OutgoingMail, TextVersion
from signatures.models.choices import NameReview, Source, StateReason, TallyKind, Visibility
from signatures.safeguarding import keys
from signatures.safeguarding.addresses import canonical_address
from signatures.safeguarding.encryption import decrypt, encrypt
from signatures.safeguarding.name_review import must_wait
from signatures.signing.confirming import Confirmation, RacedError, store_confirmation
from signatures.signing.storing import NewAttempt, store_attempt

EXPIRY_BATCH_SIZE = 1000


class NotTakenError(Exception):
    """The petition takes no signatures now, or the text that was shown is no longer the newest."""


class UnknownCodeError(Exception):
    """The code is used, expired, unknown or malformed; deliberately without saying which."""


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
    sender: str,
) -> str:
    """Store an attempt, queue its mail, and return the code that the mail will contain.

    Nothing here looks the address up, so that new and repeat signers are indistinguishable.

    :param version: the text that the visitor was shown
    :param name: the cleaned name; None if and only if no one may see it
    :param address: the e-mail address to send the code to
    :param suspicion: why the signature will be held for an organiser if it is new, or None
    :param sender: the mark of the network that the form came from
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
            domain_keys=keys.domain_keys(version.petition_id, canonical) or None,
            envelope=Envelope(address, sender).seal(),
            code=encrypt(code),
        )
    )
    if not stored:
        raise NotTakenError
    return code


def confirm_attempt(*, code: str, visibility: Visibility, reason: str | None, press: str = "") -> str:
    """Turn an attempt into a signature, or change the one that its address already has.

    All other attempts of the address, and the mails that lead to them, are invalidated. A second press on the same page
    changes nothing and gets the same answer for a minute; to everybody else a used code is unknown.

    :param visibility: the attempt's or a lower one; a higher one is reduced to the attempt's
    :param reason: the cleaned reason for signing; kept for PUBLIC only
    :param press: the hidden value of the page whose button was pressed
    :returns: the slug of the petition
    :raises UnknownCodeError: if the attempt doesn't exist any more
    """
    pressed = tokens.press_hash(press)
    while True:
        attempt = attempt_of(code)
        if attempt.confirmed_at is not None:
            if pressed is None or not hmac.compare_digest(bytes(attempt.press_hash or b""), pressed):
                raise UnknownCodeError
            return attempt.petition_slug
        lowest = min(visibility, attempt.chosen, key=lambda choice: choice.reach)
        # If another request was faster, the next round finds a stub, nothing, or the signature.
        with contextlib.suppress(RacedError):
            with transaction.atomic():
                is_stored = store_confirmation(confirmation_of(attempt, lowest, reason, pressed))
            if is_stored:
                copy_own()
                return attempt.petition_slug


def attempt_of(code: str) -> Attempt:
    """Return the attempt with this code: a pending one, or a stub some seconds old.

    :raises UnknownCodeError: if the attempt doesn't exist any more
    """
    attempt = Attempt.objects.usable(tokens.code_hashes(code))
    if attempt is None:
        raise UnknownCodeError
    return attempt


def confirmation_of(
    attempt: Attempt, visibility: Visibility, reason: str | None, pressed: bytes | None = None
) -> Confirmation:
    """Return the confirmation for a pending attempt.

    :param pressed: keyed hash of the hidden value of the page whose button was pressed
    """
    named = visibility != Visibility.COUNTED
    name = decrypt(attempt.name_encrypted) if named and attempt.name_encrypted is not None else None
    email_keys = [bytes(key) for key in attempt.email_keys or []]
    return Confirmation(
        attempt_id=attempt.pk,
        petition_id=attempt.petition_id,
        email_keys=email_keys,
        email_key=keys.written_key(email_keys),
        domain_key=keys.written_key(attempt.domain_keys) if attempt.domain_keys else None,
        domain_keys=[bytes(key) for key in attempt.domain_keys or []],
        name_keys=keys.name_keys(attempt.petition_id, name) if name is not None else [],
        name_review=NameReview.WAITING if name is not None and name_waits(attempt, name) else NameReview.OK,
        visibility=visibility.value,
        name=name,
        city=decrypt(attempt.city_encrypted) if named and attempt.city_encrypted is not None else None,
        # A constraint on attempts keeps these from being NULL before confirmation.
        country=cast("str", attempt.country),
        language=cast("str", attempt.language),
        text_version_id=cast("int", attempt.text_version_id),
        reason=reason if visibility == Visibility.PUBLIC else None,
        press_hash=pressed,
    )


def name_waits(attempt: Attempt, name: str) -> bool:
    """Return whether an organiser must look at an attempt's name before everyone sees it."""
    return attempt.reviews_names or must_wait(name, attempt.waiting_words)


def expire_attempts() -> int:
    """Delete attempts that expired unconfirmed, and stubs no longer needed; return how many expired."""
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
