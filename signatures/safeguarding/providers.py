"""Identifies the large provider of an address, and reveals nothing about any other domain."""

from __future__ import annotations

from signatures.safeguarding.addresses import LARGE_PROVIDERS, PROVIDERS, canonical_domain


def provider_of(address: str) -> str:
    """Return the main domain of an address's large provider, or an empty string.

    :param address: as written by a mail server, possibly malformed
    """
    domain = canonical_domain(address.rpartition("@")[2])
    provider = PROVIDERS.get(domain)
    name = provider.domain if provider else domain
    return name if name in LARGE_PROVIDERS else ""
