"""Groups addresses into mailboxes, and domains by their owner, for the limits on mails.

This is coarser than the canonical form that counts people: whoever owns a domain can add any number of tags and dots to
addresses in it. Two people grouped as one mailbox here share its limits and nothing else, so these rules may be changed
at any time.
"""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList

from signatures.normal_forms import normal_form
from signatures.safeguarding.addresses import PROVIDERS, canonical_domain

TAG = "+"
# Yahoo's disposable addresses add a hyphen and a word, and its mailbox names have no hyphen. Elsewhere hyphens are part
# of names, so cutting there would make all addresses that begin with anna- share their limits.
HYPHEN_TAGS = ("yahoo.", "ymail.com", "rocketmail.com", "myyahoo.com")


def untagged(canonical: str) -> str:
    """Return a canonical address without its tag, whether or not the provider supports tags.

    Dots stay: at most providers, names that differ by a dot belong to different people.
    """
    local, _, domain = canonical.rpartition("@")
    local = local.partition(TAG)[0] or local
    if domain.startswith(HYPHEN_TAGS):
        local = local.partition("-")[0] or local
    return f"{local}@{domain}"


def mailbox_of(address: str) -> str:
    """Return an address folded for the limits: without case, tag and dots, at any domain."""
    local, _, domain = address.rpartition("@")
    domain = canonical_domain(domain)
    provider = PROVIDERS.get(domain)
    folded = normal_form("NFKC", normal_form("NFKC", local).casefold())
    name = untagged(f"{folded}@{domain}").rpartition("@")[0]
    skipped = "." + (provider.ignored if provider else "") + ("-" if provider and provider.as_hyphen else "")
    cleaned = "".join(character for character in name if character not in skipped)
    return f"{cleaned or name}@{provider.domain if provider else domain}"


def registered_domain(domain: str) -> str:
    """Return the part of a canonical domain that somebody registered, by the Public Suffix List.

    Its owner has any number of subdomains, too. Users of free subdomain services (the list's private section, such as
    duckdns.org) are counted together with the service, since they can get any number of names as well.
    """
    return _registries().privatesuffix(domain) or domain


@cache
def _registries() -> PublicSuffixList:
    """Load the list of registry suffixes that ships with the package, without network access."""
    return PublicSuffixList(only_icann=True)
