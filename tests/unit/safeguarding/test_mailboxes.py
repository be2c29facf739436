"""Which addresses count as one mailbox for the limits on mails, and which domains as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.safeguarding.addresses import LARGE_PROVIDERS, PROVIDERS, canonical_address, canonical_domain
from signatures.safeguarding.keys import mail_key
from signatures.safeguarding.mailboxes import mailbox_of, registered_domain, untagged

ONE_MAILBOX = [
    ("a.b+x@any.example", "ab@any.example", "A.B@ANY.example", "a..b+y+z@any.example"),
    ("some.body+1@gmail.com", "somebody@googlemail.com"),
    ("a.b@yandex.ru", "a-b@ya.ru", "a.b+1@yandex.by"),
    ("a.b_c-d@pm.me", "abcd+x@protonmail.com"),
    ("anna-shop@yahoo.com", "anna@yahoo.com", "anna+1-2@yahoo.com"),
    ("иван+1@почта.рф", "ИВАН@xn--80a1acny.xn--p1ai"),
    ("\N{FULLWIDTH LATIN SMALL LETTER A}b@any.example", "ab@any.example"),
]
DIFFERENT = [
    ("anna-maria@any.example", "anna@any.example"),
    ("a@any.example", "a@other.example"),
    ("a@sub.any.example", "a@any.example"),
    ("a_b@any.example", "ab@any.example"),
]


@pytest.mark.parametrize("spellings", ONE_MAILBOX)
def test_all_spellings_of_a_mailbox_are_limited_together(spellings: tuple[str, ...]) -> None:
    assert len({mailbox_of(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_mailboxes_are_limited_apart(one: str, other: str) -> None:
    assert mailbox_of(one) != mailbox_of(other)


@given(st.text("abc.+-_", min_size=1, max_size=12), st.sampled_from(["any.example", *PROVIDERS, "yahoo.de"]))
def test_addresses_of_one_person_are_one_mailbox(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    assert mailbox_of(canonical_address(address)) == mailbox_of(address)
    assert mailbox_of(address).rpartition("@")[0]


def test_suppression_covers_all_tags_and_no_other_mailbox() -> None:
    assert untagged("anna+x@any.example") == untagged("anna@any.example") == "anna@any.example"
    assert untagged("+x@any.example") == "+x@any.example"
    assert mail_key("anna+x@any.example") == mail_key("anna@any.example")
    assert len({mail_key(f"{local}@outlook.com") for local in ("anna.smith", "annasmith", "anna-smith")}) == 3


@pytest.mark.parametrize(
    ("domain", "registered"),
    [
        ("evil.example", "evil.example"),
        ("a.b.c.evil.example", "evil.example"),
        ("mail.faculty.ac.uk", "faculty.ac.uk"),
        ("minsk.gov.by", "minsk.gov.by"),
        ("bsu.by", "bsu.by"),
        ("localhost", "localhost"),
        # Short domains with an owner, who can create any number of subdomains.
        ("x.tut.by", "tut.by"),
        ("a.wp.pl", "wp.pl"),
        ("fu.hse.ru", "hse.ru"),
        ("one.two.uni.cc", "uni.cc"),
        # Long suffixes under which registries register names.
        ("a.school.city.kawasaki.jp", "city.kawasaki.jp"),
        ("mail.city.gov.spb.ru", "spb.ru"),
        # Free subdomains count with the service that provides them.
        ("a.duckdns.org", "duckdns.org"),
        ("b.duckdns.org", "duckdns.org"),
        ("mail.xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("co.uk", "co.uk"),
    ],
)
def test_a_domain_is_counted_with_all_its_subdomains(domain: str, registered: str) -> None:
    assert registered_domain(domain) == registered


def test_large_providers_are_listed_in_canonical_form() -> None:
    assert {canonical_address(f"a@{domain}").rpartition("@")[2] for domain in LARGE_PROVIDERS} == LARGE_PROVIDERS
    assert {canonical_domain(domain) for domain in LARGE_PROVIDERS} == LARGE_PROVIDERS
    assert {"gmail.com", "mail.ru", "tut.by", "yahoo.com", "qq.com"} < LARGE_PROVIDERS
