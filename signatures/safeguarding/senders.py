"""Distinguishes senders of forms without identifying them, so that one cannot use up the limits that all share."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

from django.http import HttpRequest

from signatures.safeguarding.networks import client_network
from signatures.safeguarding.rate_limits import network_key

# Millions of networks share each mark: it distinguishes two senders, but identifies neither.
MARKS = 1024
# A customer rarely gets a larger IPv6 network than this, and can use any part of it.
IPV6_SITE_BITS = 48


def sender_mark(request: HttpRequest) -> str:
    """Return one of 1,024 marks for the network that a form came from; it changes every UTC day."""
    day = datetime.now(UTC).date().isoformat()
    return f"{int(network_key(_site_of(client_network(request)), day)[:8], 16) % MARKS:03x}"


def _site_of(network: str) -> str:
    try:
        parsed = ipaddress.ip_network(network)
    except ValueError:
        # A name instead of an address, such as that of the onion service.
        return network
    if isinstance(parsed, ipaddress.IPv6Network) and parsed.prefixlen > IPV6_SITE_BITS:
        return str(parsed.supernet(new_prefix=IPV6_SITE_BITS))
    return network
