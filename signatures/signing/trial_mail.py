"""Lets somebody who tries the site on one machine confirm without a mailbox."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlencode, urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from signatures.safeguarding.encryption import decrypt, encrypt

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
FORWARDING_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA", "HTTP_X_FORWARDED_HOST")
PARAMETER = "tryout"
LIFETIME_SECONDS = 10 * 60


def with_ticket(request: HttpRequest, url: str, code: str) -> str:
    """Return the URL of the page after the form; in a try-out with a ticket that gives access to this form's mail.

    A plain proxy adds no header, so that a stranger may look like a local visitor. Only the browser that sent the form
    knows the ticket, which gives access to that form's mail only. In production the URL is the same for everybody.
    """
    if not is_private_tryout(request):
        return url
    ticket = signing.TimestampSigner(salt=PARAMETER).sign(encrypt(code).decode())
    return f"{url}?{urlencode({PARAMETER: ticket})}"


def link_of(request: HttpRequest, language: str) -> str | None:
    """Return the path of the link in the mail for this browser's form, or None without a valid, fresh ticket."""
    if not has_ticket(request):
        return None
    try:
        ticket = signing.TimestampSigner(salt=PARAMETER).unsign(request.GET[PARAMETER], max_age=LIFETIME_SECONDS)
        code = decrypt(ticket.encode())
    except (signing.BadSignature, InvalidToken):
        return None
    return reverse("confirm", kwargs={"language": language, "code": code})


def has_ticket(request: HttpRequest) -> bool:
    """Return whether a request carries a ticket and the site uses tickets, which it never does in production."""
    return PARAMETER in request.GET and is_private_tryout(request)


def is_private_tryout(request: HttpRequest) -> bool:
    """Return whether this is a local start that writes mails to a folder, listens on loopback and has a local name."""
    return (
        settings.LOCAL_START
        and urlsplit(settings.EMAIL_URL).scheme == "file"
        and all(_is_loopback(listener) for listener in settings.BIND)
        and urlsplit(f"//{request.get_host()}").hostname in LOCAL_HOSTS
        and not any(header in request.META for header in FORWARDING_HEADERS)
    )


def _is_loopback(listener: str) -> bool:
    host = listener.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
