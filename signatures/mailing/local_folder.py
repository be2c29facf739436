"""Lets a newcomer who tries the site on one machine open the mail that a local start has put into a folder."""

from __future__ import annotations

import email
import email.policy
import ipaddress
import re
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest

from signatures.models import OutgoingMail

LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
FORWARDING_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA", "HTTP_X_FORWARDED_HOST")
WAIT_SECONDS_MAX = 3.0
WAIT_STEP_SECONDS = 0.1


def newest_mail_link(request: HttpRequest) -> str | None:
    """Return the path that the newest mail leads to, or None unless visitor and server are surely the same person.

    :returns: None too where mails go to a real server, or none has been written within three seconds
    """
    parts = urlsplit(settings.EMAIL_URL)
    if not is_private_tryout(request) or parts.scheme != "file":
        return None
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while OutgoingMail.objects.untried().exists() and time.monotonic() < deadline:
        time.sleep(WAIT_STEP_SECONDS)
    mails = sorted(Path(unquote(parts.path)).glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return _link_in(mails[-1]) if mails else None


def is_private_tryout(request: HttpRequest) -> bool:
    """Return whether this is a local start, bound to loopback, asked under a local name and not through a proxy."""
    return (
        settings.LOCAL_START
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


def _link_in(path: Path) -> str | None:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    found = re.search(rf"{re.escape(settings.SITE_ORIGIN)}(/\S+)", body.get_content() if body else "")
    return found.group(1) if found else None
