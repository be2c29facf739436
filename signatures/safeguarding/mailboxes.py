"""Which addresses count as one mailbox, and which domains as one, where mails to them are limited.

Coarser than what counts people: whoever owns a domain has as many addresses in it as there are tags and dots. Two
people who count as one mailbox here share its limits and nothing else, so that these rules may be changed at any time.
"""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList

from signatures.normal_forms import normal_form
from signatures.safeguarding.addresses import PROVIDERS, canonical_domain

TAG = "+"
# Yahoo's second names end in a hyphen and a word, and no name of a mailbox there has one. Elsewhere a hyphen belongs to
# names, so that cutting there would let all who are called anna- and something share the limits.
HYPHEN_TAGS = ("yahoo.", "ymail.com", "rocketmail.com", "myyahoo.com")


def untagged(canonical: str) -> str:
    """Return a canonical address without the tag that its owner may have added, whether or not its provider has tags.

    Dots stay: at most providers names that differ by a dot belong to different people.
    """
    local, _, domain = canonical.rpartition("@")
    local = local.partition(TAG)[0] or local
    if domain.startswith(HYPHEN_TAGS):
        local = local.partition("-")[0] or local
    return f"{local}@{domain}"


def mailbox_of(address: str) -> str:
    """Return what all spellings of an address have in common: no case, tag or dot, at any domain."""
    local, _, domain = address.rpartition("@")
    domain = canonical_domain(domain)
    provider = PROVIDERS.get(domain)
    folded = normal_form("NFKC", normal_form("NFKC", local).casefold())
    name = untagged(f"{folded}@{domain}").rpartition("@")[0]
    skipped = "." + (provider.ignored if provider else "") + ("-" if provider and provider.as_hyphen else "")
    cleaned = "".join(character for character in name if character not in skipped)
    return f"{cleaned or name}@{provider.domain if provider else domain}"


def registered_domain(domain: str) -> str:
    """Return the part of a canonical domain that somebody has registered, by the Public Suffix List.

    Whoever has it has any number of domains below it, too. So have those to whom a firm gives out names below its own
    for nothing (the list's second part, such as duckdns.org): they are counted with it.
    """
    return _registries().privatesuffix(domain) or domain


@cache
def _registries() -> PublicSuffixList:
    """Read the list of the package, which asks nobody: under which names registries give out names."""
    return PublicSuffixList(only_icann=True)
