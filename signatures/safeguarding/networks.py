"""Determines the networks a request comes from, by the nearest trusted proxy and never by what the client can write."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Any

from django.conf import settings
from django.http import HttpRequest

ONION = "onion"
UNKNOWN = "unknown"
# Providers assign a customer a /64, a /56 or a /48 (RFC 6177). By prefix length: how many visitors' share of a limit
# the whole prefix gets.
IPV6_SHARES = {64: 1, 56: 4, 48: 16}
# The same for all visitors of the onion service together, where each visitor's circuit is counted, too.
ONION_SHARE = 4
# IPv6 addresses that represent the IPv4 address in their last 32 bits: mapped (RFC 4291), translated (RFC 2765), NAT64
# (RFC 6052) and its prefix for local use (RFC 8215).
IPV4_AT_THE_END = [
    IPv6Network(prefix) for prefix in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
]
LAST_BITS = 0xFFFF_FFFF
# Prefixes for local use may be shorter than 96 bits, with the address farther left; then these bits are zero.
HOST_BITS = 0x00FF_FFFF
# Notations of proxies for an address (Azure and IIS add the port).
IN_BRACKETS = re.compile(r"\[([^\]]*)\](?::[0-9]{1,5})?")
WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")


@dataclass(frozen=True)
class Network:
    """A network that requests come from.

    :param name: an address, a prefix, a Tor circuit, ``onion`` or ``unknown``
    :param share: how many visitors' share of a limit it gets
    """

    name: str
    share: int = 1


def came_through_onion(request: HttpRequest) -> bool:
    """Return whether the request arrived at a listener in ONION_LISTENERS."""
    if not settings.ONION_LISTENERS:
        return False
    connection = request.META.get("gunicorn.socket")
    if connection is None:
        return False
    return listener_of(connection.getsockname()) in settings.ONION_LISTENERS


def listener_of(name: Any) -> str:
    """Convert a socket's own address to the notation of listeners in the settings."""
    if not isinstance(name, tuple):
        return f"unix:{name}"
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def client_networks(request: HttpRequest) -> list[Network]:
    """Return the networks that a visitor is in, the narrowest first."""
    if came_through_onion(request):
        if not settings.ONION_CIRCUITS:
            return [Network(ONION)]
        return [Network(_circuit(request.META.get("REMOTE_ADDR", ""))), Network(ONION, ONION_SHARE)]
    return networks_of(_address_of(request))


def client_network(request: HttpRequest) -> str:
    """Return the name of the narrowest network that a visitor is in."""
    return client_networks(request)[0].name


def _circuit(address: str) -> str:
    """Return the circuit that Tor encodes in an address: the last 32 bits, the only ones with a meaning."""
    try:
        return f"circuit:{int(ipaddress.ip_address(address)) & LAST_BITS:08x}"
    except ValueError:
        return UNKNOWN


def _address_of(request: HttpRequest) -> str:
    """Return the visitor's address, unparsed.

    With N trusted proxies the N-th entry of X-Forwarded-For from the right was written by the farthest of them;
    everything left of it came from the client and is never read. A header that is too short was not written by all of
    them, and the nearest one is counted in place of the visitor.
    """
    hops = forwarded_hops(request)
    if settings.TRUSTED_PROXIES and len(hops) >= settings.TRUSTED_PROXIES:
        return hops[-settings.TRUSTED_PROXIES]
    return str(request.META.get("REMOTE_ADDR", ""))


def forwarded_hops(request: HttpRequest) -> list[str]:
    """Return the entries of X-Forwarded-For, unparsed, or an empty list without the header."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return [hop.strip() for hop in forwarded.split(",")] if forwarded else []


def parse_ip_address(written: str) -> IPv4Address | IPv6Address | None:
    """Parse an IP address and ignore port, brackets, quotation marks and zone; return None if it is malformed.

    An IPv6 address that represents an IPv4 address is converted to the latter.
    """
    text = written.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    found = IN_BRACKETS.fullmatch(text) or WITH_PORT.fullmatch(text)
    if found:
        text = found[1]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return _ipv4_in(address) or address if isinstance(address, IPv6Address) else address


def _ipv4_in(address: IPv6Address) -> IPv4Address | None:
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    last = int(address) & LAST_BITS
    if last & HOST_BITS and any(address in prefix for prefix in IPV4_AT_THE_END):
        return IPv4Address(last)
    return None


def networks_of(written: str) -> list[Network]:
    """Return the networks an address is counted in: itself for IPv4, three prefixes for IPv6, or ``unknown``."""
    address = parse_ip_address(written)
    if address is None:
        return [Network(UNKNOWN)]
    if isinstance(address, IPv4Address):
        return [Network(str(address))]
    return [Network(str(IPv6Network((address, bits), strict=False)), share) for bits, share in IPV6_SHARES.items()]
