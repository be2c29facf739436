"""Serves the signed list of the addresses at which the site and copies of it are found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from signatures.links import absolute
from signatures.safeguarding.mirror_signing import can_sign, public_key_pem, sign
from signatures.safeguarding.public_guards import reading_only

LIST, SIGNATURE, KEY = (f"/.well-known/mirrors.{ending}" for ending in ("txt", "sig", "pem"))
# Whoever finds an older list looks for a newer one: mirrors are added when others are taken away.
VALID = timedelta(days=30)


def list_of_mirrors() -> bytes:
    """Return the list, which stays the same for a UTC day, so that list and signature fit whenever they are fetched."""
    today = datetime.now(UTC).date()
    lines = [
        "# Where the petitions of this site are found. Copies take no signatures: their links lead to the site itself.",
        "# We never ask for a phone number, a passport or a payment. How to check this list: " + absolute(KEY),
        "# openssl pkeyutl -verify -pubin -inkey mirrors.pem -rawin -in mirrors.txt -sigfile mirrors.sig",
        f"Site: {settings.SITE_ORIGIN}/",
        *([f"Onion: {settings.ONION_ORIGIN}/"] if settings.ONION_ORIGIN else []),
        *(f"Mirror: {mirror}" for mirror in settings.MIRRORS),
        f"Canonical: {absolute(LIST)}",
        f"Signed: {today.isoformat()}",
        f"Expires: {(today + VALID).isoformat()}",
    ]
    return ("\n".join(lines) + "\n").encode()


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def mirrors(request: HttpRequest) -> HttpResponse:
    """Return the list.

    :raises Http404: if the site has no key to sign it with
    """
    _require_key()
    return HttpResponse(list_of_mirrors(), content_type="text/plain; charset=utf-8")


@reading_only
@cache_control(public=True, max_age=2)
def mirrors_signature(request: HttpRequest) -> HttpResponse:
    """Return the list's detached signature.

    :raises Http404: if there is no key
    """
    _require_key()
    return HttpResponse(sign(list_of_mirrors()), content_type="application/octet-stream")


@reading_only
@cache_control(public=True, max_age=2)
def mirrors_key(request: HttpRequest) -> HttpResponse:
    """Return the public key, for those who do not have it from elsewhere.

    :raises Http404: if there is no key
    """
    _require_key()
    return HttpResponse(public_key_pem(), content_type="application/x-pem-file")


def _require_key() -> None:
    if not can_sign():
        raise Http404
