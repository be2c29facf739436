"""The cookie of a browser in which an account has logged in, or set its password by a link ("device cookies", OWASP).

Its attempts to log in are counted in a bucket of their own: whoever guesses at an account from elsewhere cannot use up
those of its owner. It lets nobody in, and is worth nothing after the password was changed.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.forms import UsernameField
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare

from signatures.models import Organiser
from signatures.normal_forms import normal_form

SALT = "signatures.device"
LIFETIME = timedelta(days=180)
# Longer names belong to no account.
NAME_LENGTH_MAX = 200


def typed_alike(name: str) -> str:
    """Return the form in which two ways of typing a user name are the same."""
    # The form of the login strips a name before it looks at its length.
    return normal_form("NFKC", name.strip()[:NAME_LENGTH_MAX]).strip().casefold()


def name_meant(name: str) -> str:
    """Return the name of the account, if there is one, that the form of the login makes of what was typed."""
    field = UsernameField(max_length=Organiser._meta.get_field("username").max_length)
    return str(field.to_python(name))


def known_device(request: HttpRequest, name: str) -> str | None:
    """Return the device that a request comes from, if it is known to the account of exactly this name.

    :param name: user name as it was typed
    """
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME)
    if not cookie:
        return None
    try:
        account_id, device, mark = signing.loads(cookie, salt=SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    account = Organiser.objects.filter(pk=account_id).first()
    if account is None or account.username != name_meant(name):
        return None
    marks = [account.get_session_auth_hash(), *account.get_session_auth_fallback_hash()]
    return str(device) if any(constant_time_compare(mark, one) for one in marks) else None


def remember_device(response: HttpResponseBase, organiser: Organiser) -> None:
    """Let a browser keep that an account has logged in there."""
    value = [organiser.pk, secrets.token_urlsafe(16), organiser.get_session_auth_hash()]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(value, salt=SALT),
        max_age=LIFETIME,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
