"""Which network a request comes from, by what the nearest trusted proxy says and nothing that the client can write."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest

IPV6_NETWORK_BITS = 64
ONION = "onion"
UNKNOWN = "unknown"


def came_through_onion(request: HttpRequest) -> bool:
    """Return whether the request arrived at a listener that the settings mark as onion."""
    if not settings.ONION_LISTENERS:
        return False
    connection = request.META.get("gunicorn.socket")
    if connection is None:
        return False
    return _listener_of(connection.getsockname()) in settings.ONION_LISTENERS


def _listener_of(name: Any) -> str:
    """Return the name of a connection's own end as the settings spell a listener."""
    if not isinstance(name, tuple):
        return f"unix:{name}"
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def client_network(request: HttpRequest) -> str:
    """Return the visitor's IPv4 address or IPv6 /64, the word ``onion``, or ``unknown``.

    With N trusted proxies the N-th entry of X-Forwarded-For from the right was written by the farthest of them; what
    stands left of it came from the client and is never read. A header that is too short was not written by all
    of them, and the nearest is counted in the visitor's place.
    """
    if came_through_onion(request):
        return ONION
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        hops = [hop.strip() for hop in forwarded.split(",")] if forwarded else []
        if len(hops) >= settings.TRUSTED_PROXIES:
            address = hops[-settings.TRUSTED_PROXIES]
    return network_of(address)


def network_of(address: str) -> str:
    """Return the network that an address is limited by: itself for IPv4, its /64 for IPv6, ``unknown`` if malformed."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)
