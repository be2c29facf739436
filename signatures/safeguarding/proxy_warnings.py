"""Detects reverse proxies that do not match the settings, so that pages redirect endlessly or all share one limit."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from collections.abc import Iterable
from enum import StrEnum

from django.conf import settings
from django.core.cache import caches
from django.db import Error
from django.http import HttpRequest

from signatures.safeguarding.networks import came_through_onion, forwarded_hops, parse_ip_address
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
# A single request does not show whether a fault is the proxy's, or was faked by a stranger. But a misconfigured proxy
# is wrong in every request, so one correct request shows that the others were faked.
REFUTED_SECONDS = 24 * 60 * 60
# Requested by monitoring directly, without a proxy.
MONITORING_PATH = "/-/"


class ProxyFault(StrEnum):
    """A fault in how proxies pass requests on."""

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
    """Return what is wrong with the address that a request was passed on with, or None.

    Requests to an onion service come from Tor, which sets no headers; all headers are the visitor's own.
    """
    if came_through_onion(request) or request.path_info.startswith(MONITORING_PATH):
        return None
    hops = forwarded_hops(request)
    if not settings.TRUSTED_PROXIES:
        # Visitors can send the header, too, but they come from public addresses.
        return ProxyFault.UNKNOWN if hops and _is_neighbour(request.META.get("REMOTE_ADDR", "")) else None
    if len(hops) < settings.TRUSTED_PROXIES:
        return ProxyFault.SHORT
    return ProxyFault.UNREADABLE if parse_ip_address(hops[-settings.TRUSTED_PROXIES]) is None else None


def transport_fault(request: HttpRequest) -> ProxyFault | None:
    """Return why a request that came over https is not recognised as such, or None."""
    if came_through_onion(request) or request.path_info.startswith(MONITORING_PATH):
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
    """Return what is wrong with the Host of a request, or None."""
    if came_through_onion(request) or request.path_info.startswith(MONITORING_PATH) or is_host_ours(request):
        return None
    return ProxyFault.HOST if is_host_of_a_machine(request) and _is_passed_on(request) else None


def proxy_faults(request: HttpRequest) -> list[ProxyFault]:
    """Return all faults in how a request was passed on."""
    found = (proxy_fault(request), transport_fault(request), host_fault(request))
    return [fault for fault in found if fault is not None]


def refuted_faults(request: HttpRequest) -> frozenset[ProxyFault]:
    """Return the faults that this request disproves, since with them it could not have arrived as it did."""
    if came_through_onion(request) or request.path_info.startswith(MONITORING_PATH):
        return frozenset()
    transport = {ProxyFault.UNTRUSTED, ProxyFault.DENIED} if request.is_secure() else set()
    return frozenset(transport | ({ProxyFault.HOST} if is_host_ours(request) else set()))


def _is_passed_on(request: HttpRequest) -> bool:
    """Return whether a request comes from a proxy: a trusted one, or one in a private network."""
    return bool(settings.TRUSTED_PROXIES) or _is_neighbour(request.META.get("REMOTE_ADDR", ""))


def _is_neighbour(text: str) -> bool:
    """Return whether an address is private or loopback, or empty, as for a Unix socket."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return True
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return not (mapped or address).is_global


def report_proxy(fault: ProxyFault) -> None:
    """Store a fault for all processes and log it at most once an hour, without any address.

    A fault that a request to any process has refuted within the last day is ignored.
    """
    # The cache of the rate limits is shared by all processes and always configured.
    cache = caches["ratelimits"]
    try:
        if fault in REFUTABLE and cache.get(_key(fault, "refuted")):
            return
        cache.set(_key(fault, "seen"), 1, SEEN_SECONDS)
        if cache.add(_key(fault, "logged"), 1, LOGGED_SECONDS):
            logger.warning(WARNINGS[fault])
    except Error:
        # The request must not fail because of it; a later one will report again.
        pass


def refute_proxy(faults: Iterable[ProxyFault]) -> None:
    """Delete stored faults for all processes, and ignore further reports of them for a day."""
    cache = caches["ratelimits"]
    try:
        for fault in faults:
            cache.set(_key(fault, "refuted"), 1, REFUTED_SECONDS)
            cache.delete(_key(fault, "seen"))
    except Error:
        # As in report_proxy.
        pass


def proxy_warnings() -> list[str]:
    """Return a sentence for each fault seen within the last hour under the current settings.

    :raises django.db.Error: if the cache of the rate limits cannot be reached
    """
    seen = caches["ratelimits"].get_many([_key(fault, "seen") for fault in ProxyFault])
    return [WARNINGS[fault] for fault in ProxyFault if _key(fault, "seen") in seen]


def _key(fault: ProxyFault, what: str) -> str:
    # After a change of the settings nothing counts as seen or refuted yet.
    in_force = f"{settings.TRUSTED_PROXIES} {settings.SITE_ORIGIN} {settings.ALLOWED_HOSTS}"
    return f"proxy-{fault}-{what}-{hashlib.sha256(in_force.encode()).hexdigest()[:16]}"
