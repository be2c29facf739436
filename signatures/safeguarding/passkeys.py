"""Passkeys (WebAuthn) as a second factor, by django-otp-webauthn; never without the password."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from webauthn.helpers.exceptions import WebAuthnException

from signatures.models import Organiser
from signatures.safeguarding.login_records import TOLD
from signatures.safeguarding.rate_limits import count_refused_passkey
from signatures.safeguarding.second_factors import Kind, lock_owner, record_added, record_refused

# What the library raises on an answer that is wrong, or no answer at all.
WRONG = (OTPWebAuthnApiError, WebAuthnException, IntegrityError, ValueError, TypeError, KeyError, AttributeError)


class PasskeyError(ValueError):
    """A browser's answer is wrong; the text says only the kind of error."""


def challenge_to_add(request: HttpRequest, organiser: Organiser) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a browser needs to make a passkey, and what to keep until it answers."""
    options, state = WebAuthnHelper(request).register_begin(user=organiser)
    return options, state


def add_passkey(
    *, actor: Organiser, request: HttpRequest, name: str, state: dict[str, Any], answer: Any
) -> WebAuthnCredential:
    """Add the passkey that a browser has made.

    :raises PasskeyError: if the answer does not fit the challenge
    :raises PermissionDenied: if the account was closed meanwhile
    """
    try:
        with transaction.atomic():
            lock_owner(actor)
            device = WebAuthnHelper(request).register_complete(user=actor, state=state, data=answer)
            device.name = name
            device.save(update_fields=["name"])
            record_added(actor=actor, kind=Kind.PASSKEY)
    except WRONG as error:
        raise PasskeyError(type(error).__name__) from None
    return device


def challenge_to_show(request: HttpRequest, organiser: Organiser) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a browser needs to use one of an account's passkeys, and what to keep until it answers."""
    options, state = WebAuthnHelper(request).authenticate_begin(user=organiser, require_user_verification=False)
    return options, state


def take_passkey(
    *, organiser: Organiser, request: HttpRequest, state: dict[str, Any], answer: Any
) -> WebAuthnCredential:
    """Return the passkey of an account that has answered; record wrong answers, of many in an hour only some.

    :raises PasskeyError: if it is of somebody else, or the answer does not fit the challenge
    """
    try:
        with transaction.atomic():
            return WebAuthnHelper(request).authenticate_complete(user=organiser, state=state, data=answer)
    except WRONG as error:
        amount = count_refused_passkey(request, organiser.pk)
        if amount in TOLD:
            record_refused(organiser=organiser, kind=Kind.PASSKEY, amount=amount)
        raise PasskeyError(type(error).__name__) from None
