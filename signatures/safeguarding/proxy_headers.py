"""Reads what reverse proxies report about a request besides its address: the scheme and the host."""

from __future__ import annotations

import ipaddress
import json
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

PROTO = "HTTP_X_FORWARDED_PROTO"
# Other headers by which proxies mark https; none of them is trusted.
OTHER_WORDS = {
    "HTTP_X_FORWARDED_SSL": "on",
    "HTTP_FRONT_END_HTTPS": "on",
    "HTTP_X_FORWARDED_PROTOCOL": "https",
    "HTTP_X_FORWARDED_SCHEME": "https",
    "HTTP_X_URL_SCHEME": "https",
    "HTTP_X_SCHEME": "https",
    "HTTP_CLOUDFRONT_FORWARDED_PROTO": "https",
}
# Endings that do not exist on the internet (RFC 6761, RFC 6762, RFC 9476 and ICANN's .internal).
LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def is_proto_missing(request: HttpRequest) -> bool:
    """Return whether X-Forwarded-Proto is missing although a proxy is trusted to set it."""
    return bool(settings.TRUSTED_PROXIES) and PROTO not in request.META


def is_said_to_be_https(request: HttpRequest) -> bool:
    """Return whether any header of a proxy says that the visitor came over https."""
    meta = request.META
    return (
        _is(meta.get(PROTO, "").partition(",")[0], "https")
        or any(_is(meta.get(name, ""), word) for name, word in OTHER_WORDS.items())
        or _by_standard(meta)
        or _by_cloudflare(meta)
    )


def is_https_by_its_proxy(request: HttpRequest) -> bool:
    """Return whether a visitor came over https by the trusted proxy's header or, without it, by any other header.

    If the trusted proxy's header is there, the others may have been sent by the visitor.
    """
    if settings.TRUSTED_PROXIES and not is_proto_missing(request):
        return _is(request.META[PROTO].partition(",")[0], "https")
    return is_said_to_be_https(request)


def is_surely_https(request: HttpRequest) -> bool:
    """Return whether a visitor came over https by the headers of the browser or a proxy.

    Browsers send Fetch metadata only over https (and to localhost).
    """
    return is_said_to_be_https(request) or "HTTP_SEC_FETCH_SITE" in request.META


def is_host_ours(request: HttpRequest) -> bool:
    """Return whether a request is for a host in ALLOWED_HOSTS."""
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def is_host_of_a_machine(request: HttpRequest) -> bool:
    """Return whether a request that is not for our host has a Host that no visitor can have typed.

    A proxy that does not pass on the visitor's Host sends its own name for this machine instead. A stranger can send
    that, too, so a request with our host refutes it.
    """
    forwarded, _port = split_domain_port(request.META.get("HTTP_X_FORWARDED_HOST", "").partition(",")[0].strip())
    if forwarded and validate_host(forwarded, settings.ALLOWED_HOSTS):
        return True
    host, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
    with suppress(ValueError):
        return not ipaddress.ip_address(host.strip("[]")).is_global
    return "." not in host or host.endswith(LOCAL_ENDINGS)


def _is(written: str, word: str) -> bool:
    return written.strip().lower() == word


def _by_standard(meta: dict[str, Any]) -> bool:
    """Return whether the first element of Forwarded says https (RFC 7239)."""
    pairs = meta.get("HTTP_FORWARDED", "").partition(",")[0].lower().split(";")
    return any(pair.strip() in {"proto=https", 'proto="https"'} for pair in pairs)


def _by_cloudflare(meta: dict[str, Any]) -> bool:
    try:
        visitor = json.loads(meta.get("HTTP_CF_VISITOR", "null"))
    except (ValueError, RecursionError):
        return False
    return isinstance(visitor, dict) and visitor.get("scheme") == "https"
