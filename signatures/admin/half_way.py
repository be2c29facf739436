"""Whoever has given the password and not yet the second factor: where they are led, and how they are let in."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import django_otp
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django_otp.models import Device

from signatures.admin.access import has_shown_factor, is_let_in, organiser_with_password
from signatures.admin.logging_in import record_login
from signatures.models import Organiser
from signatures.models.second_factor import has_second_factor

View = Callable[..., HttpResponse]
PROVED_AT = "second_factor_proved_at"
# Adding and removing factors asks for the factor again after this time.
FRESH_SECONDS = 10 * 60


def with_password(view: View) -> View:
    """Show a page to whoever has given the password, and pass the account on."""

    @wraps(view)
    @cache_control(no_store=True)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        organiser = organiser_with_password(request)
        if organiser is None:
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return view(request, organiser, *args, **kwargs)

    return guarded


def with_fresh_proof(view: View) -> View:
    """Show a page to whoever has lately shown the factor, or the password where the account has no factor."""

    @wraps(view)
    def guarded(request: HttpRequest, organiser: Organiser, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_proof_fresh(request, organiser):
            return lead_on(request, organiser)
        return view(request, organiser, *args, **kwargs)

    return with_password(guarded)


def lead_on(request: HttpRequest, organiser: Organiser | None = None) -> HttpResponseRedirect:
    """Lead to the page that asks for what is missing, and from there back to this one.

    :param organiser: whoever has to show factor or password again, or None if somebody is not let in yet
    """
    if has_second_factor(organiser or request.user):  # type: ignore[arg-type]
        page = "admin:second_factor"
    else:
        page = "admin:second_factor_set_up" if organiser is None else "admin:second_factor_password"
    return HttpResponseRedirect(with_next(reverse(page), request.get_full_path()))


def is_proof_fresh(request: HttpRequest, organiser: Organiser) -> bool:
    """Return whether the factor was shown lately in this session, or the password where the account has no factor."""
    proved_at: float = request.session.get(PROVED_AT, 0)
    if has_second_factor(organiser) and not has_shown_factor(organiser):
        return False
    return 0 <= time.time() - proved_at + 1 <= FRESH_SECONDS


def note_proof(request: HttpRequest) -> None:
    """Remember that factor or password were shown now."""
    request.session[PROVED_AT] = int(time.time())


@receiver(user_logged_in)
def note_password(*, request: HttpRequest, **_sent: Any) -> None:
    """Remember in the session that begins that the password was given: another session's login proves nothing here."""
    note_proof(request)


def let_in(request: HttpRequest, device: Device, response: HttpResponse) -> HttpResponse:
    """Let somebody in who has shown the factor, with a new session key: an earlier one may be known to others.

    :param response: what leads on
    :raises UpdateError: if the session was ended meanwhile
    """
    is_login = not is_let_in(request)
    request.session.cycle_key()
    rotate_token(request)
    django_otp.login(request, device)
    note_proof(request)
    if is_login:
        record_login(request, response)
    return response


def next_of(request: HttpRequest, wanted: str | None = None) -> str:
    """Return the page of this site that comes next, by default the first one of the desk, checked as Django does."""
    path = wanted if wanted is not None else request.POST.get("next", request.GET.get("next", ""))
    is_safe = path.startswith("/") and url_has_allowed_host_and_scheme(
        path, {request.get_host()}, require_https=request.is_secure()
    )
    return path if is_safe else reverse("admin:index")


def with_next(page: str, path: str) -> str:
    """Return a page's address with the one that comes after it."""
    return f"{page}?{urlencode({'next': path})}"


def offers_passkeys(request: HttpRequest) -> bool:
    """Return whether passkeys work at the address of a request: they are bound to one host."""
    return f"{request.scheme}://{request.get_host()}" in settings.OTP_WEBAUTHN_ALLOWED_ORIGINS


def page_context(request: HttpRequest, title: str, **values: Any) -> dict[str, Any]:
    """Return what the pages of second factors show, the desk's frame included."""
    return {
        **admin.site.each_context(request),
        "title": title,
        "next": next_of(request),
        "offers_passkeys": offers_passkeys(request),
        **values,
    }
