"""Notices reverse proxies that are not as the settings say: pages lead to themselves, or all share one limit."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from collections.abc import Iterable
from enum import StrEnum

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest

from signatures.outages import counter_errors
from signatures.safeguarding.networks import came_through_onion, forwarded_hops, read_address
from signatures.safeguarding.proxy_headers import (
    is_host_of_a_machine,
    is_host_ours,
    is_https_by_its_proxy,
    is_proto_missing,
    is_surely_https,
)

logger = logging.getLogger(__name__)

SEEN_SECONDS = 60 * 60
LOGGED_SECONDS = 60 * 60
# Where one request was right, what another lacks is the doing of whoever sent it: nothing in a single request tells a
# proxy's mistake from what a stranger wrote there. A proxy that is wrong is so with every request.
REFUTED_SECONDS = 24 * 60 * 60
# What machines ask of the site itself, past every proxy.
OF_MACHINES = "/-/"


class ProxyFault(StrEnum):
    """What is wrong with how requests are passed on."""

    UNKNOWN = "unknown"
    SHORT = "short"
    UNREADABLE = "unreadable"
    UNSAID = "unsaid"
    UNTRUSTED = "untrusted"
    DENIED = "denied"
    PLAIN_ORIGIN = "plain-origin"
    HOST = "host"


REFUTABLE = {ProxyFault.UNTRUSTED, ProxyFault.DENIED, ProxyFault.HOST}
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
    ProxyFault.UNSAID: (
        "Requests come without X-Forwarded-Proto, so that they are taken for unencrypted ones and every page leads to "
        "itself for ever: let the proxy write it (nginx: proxy_set_header X-Forwarded-Proto $scheme;)."
    ),
    ProxyFault.UNTRUSTED: (
        "Visitors come over https, but TRUSTED_PROXIES is 0, so that nothing that a proxy says is believed and every "
        "page leads to itself for ever: set it to the number of your proxies, and let them write X-Forwarded-Proto."
    ),
    ProxyFault.DENIED: (
        "Visitors come over https, but X-Forwarded-Proto does not say https in small letters, so that every page leads "
        "to itself for ever: let the proxy that has the certificate write it, and those behind it leave it as it is."
    ),
    ProxyFault.PLAIN_ORIGIN: (
        "Visitors come over https, but SITE_ORIGIN begins with http://, so that links in mails and on other sites lead "
        "to unencrypted pages: let it begin with https://."
    ),
    ProxyFault.HOST: (
        "Requests come with a Host that is a machine's own name, so that each is answered with 400: let the proxy pass "
        "the visitor's Host on (nginx: proxy_set_header Host $host;), and see SITE_ORIGIN and ALLOWED_HOSTS."
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


def transport_fault(request: HttpRequest) -> ProxyFault | None:
    """Return why a request that came over https is taken for one that did not, or None."""
    if came_through_onion(request) or request.path_info.startswith(OF_MACHINES):
        return None
    if not settings.SECURE_SSL_REDIRECT:
        return ProxyFault.PLAIN_ORIGIN if is_https_by_its_proxy(request) and _is_passed_on(request) else None
    if request.is_secure():
        return None
    if is_proto_missing(request):
        return ProxyFault.UNSAID
    if not is_surely_https(request):
        return None
    return ProxyFault.DENIED if settings.TRUSTED_PROXIES else ProxyFault.UNTRUSTED


def host_fault(request: HttpRequest) -> ProxyFault | None:
    """Return what is wrong with the host that a request names, or None."""
    if came_through_onion(request) or request.path_info.startswith(OF_MACHINES) or is_host_ours(request):
        return None
    return ProxyFault.HOST if is_host_of_a_machine(request) and _is_passed_on(request) else None


def proxy_faults(request: HttpRequest) -> list[ProxyFault]:
    """Return all that is wrong with how a request was passed on."""
    found = (proxy_fault(request), transport_fault(request), host_fault(request))
    return [fault for fault in found if fault is not None]


def refuted_faults(request: HttpRequest) -> frozenset[ProxyFault]:
    """Return what is not wrong, or this request could not be as it is: a stranger may pretend it, a proxy does not."""
    if came_through_onion(request) or request.path_info.startswith(OF_MACHINES):
        return frozenset()
    transport = {ProxyFault.UNTRUSTED, ProxyFault.DENIED} if request.is_secure() else set()
    return frozenset(transport | ({ProxyFault.HOST} if is_host_ours(request) else set()))


def _is_passed_on(request: HttpRequest) -> bool:
    """Return whether a request comes from a proxy: one that is trusted, or a neighbour."""
    return bool(settings.TRUSTED_PROXIES) or _is_neighbour(request.META.get("REMOTE_ADDR", ""))


def _is_neighbour(text: str) -> bool:
    """Return whether an address is private or loopback, or a Unix socket, which has none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return True
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return not (mapped or address).is_global


def report_proxy(fault: ProxyFault) -> None:
    """Remember for every process that this was seen, and log it once an hour; no address is kept.

    What a request to any of the processes has refuted within a day is not believed.
    """
    # Kept where every process can see it; the limits' own cache is there in any case.
    cache = caches["ratelimits"]
    try:
        if fault in REFUTABLE and cache.get(_key(fault, "refuted")):
            return
        cache.set(_key(fault, "seen"), 1, SEEN_SECONDS)
        if cache.add(_key(fault, "logged"), 1, LOGGED_SECONDS):
            logger.warning(WARNINGS[fault])
    except counter_errors():
        # The request must not fail of it; a later one will report again.
        pass


def refute_proxy(faults: Iterable[ProxyFault]) -> None:
    """Take back for every process what was seen, and let nobody report it for a day."""
    cache = caches["ratelimits"]
    try:
        for fault in faults:
            cache.set(_key(fault, "refuted"), 1, REFUTED_SECONDS)
            cache.delete(_key(fault, "seen"))
    except counter_errors():
        # As above.
        pass


def proxy_warnings() -> list[str]:
    """Return a sentence for whatever was seen under the settings that are in force.

    :raises Exception: one of ``counter_errors()`` if what counts the limits is away
    """
    seen = caches["ratelimits"].get_many([_key(fault, "seen") for fault in ProxyFault])
    return [WARNINGS[fault] for fault in ProxyFault if _key(fault, "seen") in seen]


def _key(fault: ProxyFault, what: str) -> str:
    # Under other settings nothing was seen yet, and nothing refuted.
    told = f"{settings.TRUSTED_PROXIES} {settings.SITE_ORIGIN} {settings.ALLOWED_HOSTS}"
    return f"proxy-{fault}-{what}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
