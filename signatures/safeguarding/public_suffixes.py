"""Checks whether the ending of a domain exists, by the installed copy of the Public Suffix List."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList

from signatures.safeguarding.addresses import canonical_domain

# Reserved for documentation, tests and private networks (RFC 6761, RFC 8375, RFC 9476): they may exist on a local
# network.
SPECIAL_USE = frozenset("alt arpa example home internal invalid lan local localhost onion test".split())  # noqa: SIM905


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def ending_of(domain: str) -> str:
    """Return the last label of a domain in lower-case ASCII."""
    return canonical_domain(domain.rpartition(".")[2])


def ending_exists(domain: str) -> bool:
    """Return whether the ending of a domain is known; new endings appear, so an unknown one may still be valid."""
    ending = ending_of(domain)
    return ending in SPECIAL_USE or _list().publicsuffix(f"x.{ending}") is not None
