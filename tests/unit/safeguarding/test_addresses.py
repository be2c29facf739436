"""The canonical form of addresses, which must not change, since that would let people sign twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.safeguarding.addresses import PROVIDERS, canonical_address, canonical_domain

LOCAL = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="@", exclude_categories=["C", "Z"]), min_size=1
)


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("A.B@Example.ORG", "a.b@example.org"),
        ("a+tag@example.org", "a+tag@example.org"),
        ("so.me.body+x+y@gmail.com", "somebody@gmail.com"),
        ("Some.Body@GoogleMail.com", "somebody@gmail.com"),
        ("some.body+x@yandex.by", "some-body@yandex.ru"),
        ("some-body@ya.ru", "some-body@yandex.ru"),
        ("s.o_m-e+x@pm.me", "some@proton.me"),
        ("some@protonmail.com", "some@proton.me"),
        ("me+x@me.com", "me@icloud.com"),
        ("me+x@mail.ru", "me@mail.ru"),
        ("m.e@mail.ru", "m.e@mail.ru"),
        ("me@bk.ru", "me@bk.ru"),
        ("me+x@tut.by", "me@tut.by"),
        ("+x@gmail.com", "+x@gmail.com"),
        ("...@gmail.com", "...@gmail.com"),
        ("Подпись@ПОЧТА.рф", "подпись@xn--80a1acny.xn--p1ai"),
        ("Подпись@xn--80a1acny.xn--p1ai", "подпись@xn--80a1acny.xn--p1ai"),
        ("и\u0306@example.org", "й@example.org"),
        ("STRASSE@example.org", "strasse@example.org"),
        ("straße@example.org", "strasse@example.org"),
        ("a@example.org.", "a@example.org"),
    ],
)
def test_all_spellings_of_one_mailbox_are_one(address: str, canonical: str) -> None:
    assert canonical_address(address) == canonical


@given(LOCAL, st.sampled_from([*PROVIDERS, "example.org", "xn--80a1acny.xn--p1ai", "почта.рф"]))
def test_the_canonical_form_is_its_own_and_knows_no_case(local: str, domain: str) -> None:
    once = canonical_address(f"{local}@{domain}")
    assert canonical_address(once) == once
    assert once.count("@") == 1
    assert not once.startswith("@")
    assert canonical_address(f"{local}@{domain.upper()}") == once


@given(st.text(min_size=1, max_size=80))
def test_no_domain_breaks_it(domain: str) -> None:
    assert canonical_domain(canonical_domain(domain)) == canonical_domain(domain)


@given(
    st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True), st.sampled_from(sorted(PROVIDERS)), st.text("abc1.", max_size=8)
)
def test_a_tag_makes_no_second_signer(local: str, domain: str, tag: str) -> None:
    assert canonical_address(f"{local}+{tag}@{domain}") == canonical_address(f"{local}@{domain}")


def test_the_providers_are_those_that_were_reviewed() -> None:
    """Whoever adds one must know that its users may then have signed under two forms."""
    domains = {domain: provider.domain for domain, provider in PROVIDERS.items()}
    assert len(domains) == 36
    assert {domains[domain] for domain in domains} <= set(domains)
    for domain, provider in PROVIDERS.items():
        assert PROVIDERS[provider.domain] == provider, domain
