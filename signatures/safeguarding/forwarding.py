"""Notices reverse proxies that are not as the settings say: behind them all visitors would share one limit."""

from __future__ import annotations

import ipaddress
import logging
from enum import StrEnum

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest

from signatures.outages import counter_errors
from signatures.safeguarding.networks import came_through_onion, forwarded_hops, read_address

logger = logging.getLogger(__name__)

SEEN_SECONDS = 60 * 60
LOGGED_SECONDS = 60 * 60
# What machines ask of the site itself, past every proxy.
OF_MACHINES = "/-/"


class ProxyFault(StrEnum):
    """What is wrong with how requests are passed on."""

    UNKNOWN = "unknown"
    SHORT = "short"
    UNREADABLE = "unreadable"


WARNINGS = {
    ProxyFault.UNKNOWN: (
        "Requests come through a reverse proxy, but TRUSTED_PROXIES is 0, so that all visitors share one limit: "
        "set it to the number of your proxies."
    ),
    ProxyFault.SHORT: (
        "Requests have fewer entries in X-Forwarded-For than TRUSTED_PROXIES says, so that all of them share the "
        "limit of the nearest proxy: set it to the number of your proxies, and let each of them write the header."
    ),
    ProxyFault.UNREADABLE: (
        "A trusted proxy writes something into X-Forwarded-For that is no address, so that all its visitors share one "
        "limit: let it write the address, with or without a port, and check that TRUSTED_PROXIES is not too high."
    ),
}


def proxy_fault(request: HttpRequest) -> ProxyFault | None:
    """Return what is wrong with how a request was passed on, or None.

    Visitors of an onion service are passed on by Tor, which writes no header; all that stands there is theirs.
    """
    if came_through_onion(request) or request.path_info.startswith(OF_MACHINES):
        return None
    hops = forwarded_hops(request)
    if not settings.TRUSTED_PROXIES:
        # Visitors from afar can write the header, too, but they have addresses of their own.
        return ProxyFault.UNKNOWN if hops and _is_neighbour(request.META.get("REMOTE_ADDR", "")) else None
    if len(hops) < settings.TRUSTED_PROXIES:
        return ProxyFault.SHORT
    return ProxyFault.UNREADABLE if read_address(hops[-settings.TRUSTED_PROXIES]) is None else None


def _is_neighbour(text: str) -> bool:
    """Return whether an address is private or loopback, or a Unix socket, which has none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return True
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return not (mapped or address).is_global


def report_proxy(fault: ProxyFault) -> None:
    """Remember for every process that this was seen, and log it once an hour; no address is kept."""
    # Kept where every process can see it; the limits' own cache is there in any case.
    cache = caches["ratelimits"]
    try:
        cache.set(_key(fault, "seen"), 1, SEEN_SECONDS)
        if cache.add(_key(fault, "logged"), 1, LOGGED_SECONDS):
            logger.warning(WARNINGS[fault])
    except counter_errors():
        # The request must not fail of it; a later one will report again.
        pass


def proxy_warnings() -> list[str]:
    """Return a sentence for whatever was seen under the settings that are in force.

    :raises Exception: one of ``counter_errors()`` if what counts the limits is away
    """
    seen = caches["ratelimits"].get_many([_key(fault, "seen") for fault in ProxyFault])
    return [WARNINGS[fault] for fault in ProxyFault if _key(fault, "seen") in seen]


def _key(fault: ProxyFault, what: str) -> str:
    return f"proxy-{fault}-{what}-{settings.TRUSTED_PROXIES}"
