"""Says at which large provider an address lies, and of any other address nothing."""

from __future__ import annotations

from signatures.safeguarding.addresses import LARGE_PROVIDERS, PROVIDERS, canonical_domain


def provider_of(address: str) -> str:
    """Return the domain under which a large provider is known, or an empty string.

    :param address: as a mail server has written it, right or wrong
    """
    domain = canonical_domain(address.rpartition("@")[2])
    provider = PROVIDERS.get(domain)
    name = provider.domain if provider else domain
    return name if name in LARGE_PROVIDERS else ""
