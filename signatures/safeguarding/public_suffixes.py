"""Which endings of domains exist, by the list of public suffixes that is installed with the site."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList

from signatures.safeguarding.addresses import canonical_domain

# Set aside for documents, tests and networks of one's own (RFC 6761, RFC 8375, RFC 9476): a machine may know them where
# the world does not.
SPECIAL_USE = frozenset("alt arpa example home internal invalid lan local localhost onion test".split())  # noqa: SIM905


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def ending_of(domain: str) -> str:
    """Return what stands after the last point of a domain, in lower-case ASCII."""
    return canonical_domain(domain.rpartition(".")[2])


def ending_exists(domain: str) -> bool:
    """Return whether the ending of a domain is known; new ones appear, so that an unknown one may be right."""
    ending = ending_of(domain)
    return ending in SPECIAL_USE or _list().publicsuffix(f"x.{ending}") is not None
