"""The mark of an address's domain: none at large providers, and gone after thirty days."""

from __future__ import annotations

import pytest
from django.test import Client

from signatures.models import Attempt, Petition, Signature
from signatures.signing import domain_marks
from signatures.signing.domain_marks import erase_domain_marks
from tests.support import factories
from tests.support.database import query
from tests.support.mailbox import Mailbox
from tests.support.page_reading import read, words
from tests.support.tally_reading import sign_and_confirm

LARGE = ["somebody@gmail.com", "somebody@googlemail.com", "somebody@ya.ru", "somebody@yahoo.com", "somebody@gmx.de"]
LARGE += ["somebody@tut.by", "somebody@QQ.com", "somebody@wp.pl", "somebody@ukr.net", "somebody@pm.me"]


@pytest.mark.parametrize("address", LARGE)
def test_of_a_large_provider_nothing_is_kept(petition: Petition, mailbox: Mailbox, address: str) -> None:
    factories.sign(Client(), petition, email=address)
    assert Attempt.objects.get().domain_keys is None
    sign_and_confirm(petition, mailbox, email="other@gmail.com")
    assert [row.domain_key for row in Signature.objects.all()] == [None]


def test_colleagues_at_another_domain_have_one_mark(petition: Petition, mailbox: Mailbox) -> None:
    for address in ("a@office.example", "b@office.example", "c@another.example"):
        sign_and_confirm(petition, mailbox, email=address)
    marks = [bytes(mark or b"") for mark in Signature.objects.order_by("id").values_list("domain_key", flat=True)]
    assert marks[0] == marks[1] != marks[2]
    assert all(marks)


def test_marks_are_erased_when_thirty_days_are_over_and_no_row_is_written_twice(
    petition: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain_marks, "BATCH_SIZE", 3)
    for _ in range(8):
        factories.make_signature(petition)
    young = factories.make_signature(petition)
    assert erase_domain_marks() == 0
    for column in ("first_confirmed_at", "last_confirmed_at"):
        query(f"UPDATE signatures_signature SET {column} = now() - interval '30 days' WHERE id <> %s", [young.pk])  # noqa: S608
    assert erase_domain_marks() == 8
    assert Signature.objects.get(domain_key__isnull=False) == young
    versions = query("SELECT id, xmin::text FROM signatures_signature ORDER BY id")
    assert erase_domain_marks() == 0
    assert query("SELECT id, xmin::text FROM signatures_signature ORDER BY id") == versions


def test_old_marks_are_found_without_reading_the_list(petition: Petition) -> None:
    factories.make_signature(petition)
    query("SET LOCAL enable_seqscan = off")
    assert "signature_domain_mark" in Signature.objects.all().with_old_domain_mark().explain()


@pytest.mark.usefixtures("petition")
def test_the_privacy_page_says_so(visitor: Client) -> None:
    page = words(read(visitor, "/en/privacy/"))
    sentence = "Unless the address is with a large provider, a second mark is computed from the part after the @: waves"
    assert f"{sentence} of fake signatures are found by it, and it is erased after 30 days." in page
