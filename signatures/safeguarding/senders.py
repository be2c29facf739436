"""Tells senders of forms apart without knowing them, so that one of them cannot use up what all are granted."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

from django.http import HttpRequest

from signatures.safeguarding.networks import client_network
from signatures.safeguarding.rate_limits import network_key

# Each mark stands for millions of networks: it tells two senders apart, and leads to neither.
MARKS = 1024
# Whoever is given an IPv6 network is rarely given more than this, and can take any part of it.
IPV6_SITE_BITS = 48


def sender_mark(request: HttpRequest) -> str:
    """Return one of 1,024 marks for the network that a form came from; the next UTC day it is another."""
    day = datetime.now(UTC).date().isoformat()
    return f"{int(network_key(_site_of(client_network(request)), day)[:8], 16) % MARKS:03x}"


def _site_of(network: str) -> str:
    try:
        parsed = ipaddress.ip_network(network)
    except ValueError:
        # A word, such as for all who come through the onion service.
        return network
    if isinstance(parsed, ipaddress.IPv6Network) and parsed.prefixlen > IPV6_SITE_BITS:
        return str(parsed.supernet(new_prefix=IPV6_SITE_BITS))
    return network
