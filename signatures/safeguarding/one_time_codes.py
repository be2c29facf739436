"""Computes the codes that an app shows (RFC 6238), and which of them a typed one is."""

from __future__ import annotations

import base64
import hmac
import io
import secrets
import unicodedata
from urllib.parse import quote, urlencode

import segno
from django_otp.oath import TOTP

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
GROUP_LENGTH = 4
# A phone's clock may differ, and typing takes a while: the codes before and after the current one are taken, too.
WINDOW_STEPS = 1
QR_SCALE = 6


def new_secret() -> str:
    """Generate 160 random bits (RFC 4226) in base 32, which apps take."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def in_groups(secret: str) -> str:
    """Return a secret as it can be typed off a screen."""
    return " ".join(secret[i : i + GROUP_LENGTH] for i in range(0, len(secret), GROUP_LENGTH))


def code_at(secret: str, step: int) -> str:
    """Return the code that an app with a secret shows in a half minute, counted since 1970."""
    totp = TOTP(base64.b32decode(secret), step=STEP_SECONDS, digits=DIGITS)
    totp.time = step * STEP_SECONDS
    return f"{totp.token():0{DIGITS}}"


def step_of(secret: str, typed: str, now: float, after: int = 0) -> int | None:
    """Return the half minute whose code was typed, or None if it is none that is taken now.

    :param now: seconds since 1970
    :param after: the newest half minute whose code was taken before
    """
    code = "".join(str(unicodedata.digit(c, "")) for c in typed)
    current = int(now) // STEP_SECONDS
    near = range(current - WINDOW_STEPS, current + WINDOW_STEPS + 1)
    found = [step for step in near if hmac.compare_digest(code_at(secret, step), code)]
    return next((step for step in found if step > after), None)


def link_for_app(secret: str, account: str, site: str) -> str:
    """Return what a QR code says to an app: the secret, and what it is for."""
    label = quote(f"{site}:{account}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': site}, quote_via=quote)}"


def qr_png(text: str) -> bytes:
    """Return a picture that a phone reads, dark on light in every colour scheme."""
    picture = io.BytesIO()
    segno.make(text, micro=False, error="m").save(picture, kind="png", scale=QR_SCALE, border=4)
    return picture.getvalue()
