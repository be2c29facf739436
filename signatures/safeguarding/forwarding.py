"""Notices a reverse proxy that the settings know nothing of: behind it all visitors would share one limit."""

from __future__ import annotations

import ipaddress
import logging

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest

from signatures.outages import counter_errors
from signatures.safeguarding.networks import came_through_onion

logger = logging.getLogger(__name__)

# Kept where every process can see it; the limits' own cache is there in any case.
SEEN = "unknown-proxy-seen"
SEEN_SECONDS = 60 * 60
LOGGED = "unknown-proxy-logged"
LOGGED_SECONDS = 60 * 60
WARNING = (
    "Requests come through a reverse proxy, but TRUSTED_PROXIES is 0, so that all visitors share one limit: "
    "set it to the number of your proxies."
)


def came_through_unknown_proxy(request: HttpRequest) -> bool:
    """Return whether a neighbour passed the request on for somebody else while the settings trust no proxy.

    A neighbour is a private or loopback address, or a Unix socket. Visitors from afar can write the header too, but
    they have addresses of their own; through an onion service anybody would look like a neighbour.
    """
    return (
        not settings.TRUSTED_PROXIES
        and "HTTP_X_FORWARDED_FOR" in request.META
        and _is_neighbour(request.META.get("REMOTE_ADDR", ""))
        and not came_through_onion(request)
    )


def _is_neighbour(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        # A Unix socket has no address.
        return True
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return not (mapped or address).is_global


def report_unknown_proxy() -> None:
    """Remember for every process that such a proxy was seen, and log it once an hour; no address is kept."""
    cache = caches["ratelimits"]
    try:
        cache.set(SEEN, 1, SEEN_SECONDS)
        if cache.add(LOGGED, 1, LOGGED_SECONDS):
            logger.warning(WARNING)
    except counter_errors():
        # The request must not fail of it; a later one will report again.
        pass


def proxy_warnings() -> list[str]:
    """Return a sentence if such a proxy was seen and the settings still know nothing of it.

    :raises Exception: one of ``counter_errors()`` if what counts the limits is away
    """
    seen = caches["ratelimits"].get(SEEN)
    return [WARNING] if seen and not settings.TRUSTED_PROXIES else []
