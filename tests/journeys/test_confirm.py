"""The confirm page: what it shows, the lower choices it offers, and the reason for signing."""

from __future__ import annotations

from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client

from signatures.models import Attempt, OutgoingMail, Petition, Signature, Tally
from signatures.models.choices import TallyKind, Visibility
from tests.support import factories
from tests.support.database import rows_per_table, rows_written
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import chosen, in_language, page_of, read, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
LABELS = {
    Visibility.COUNTED: "No one",
    Visibility.DELIVERED: "Only the organisers and the recipients",
    Visibility.PUBLIC: "Everyone",
}


def sign_and_open(
    client: Client, petition: Petition, mailbox: Mailbox, language: str = "en", **values: str
) -> tuple[str, HttpResponse]:
    """Sign, open the mail, follow its link, and return the code with the page."""
    factories.sign(client, petition, language, **values)
    code = code_in(mailbox.deliver()[-1])
    return code, cast("HttpResponse", client.get(f"/{language}/confirm/{code}/"))


@LANGUAGES
@pytest.mark.parametrize("visibility", list(Visibility))
def test_the_page_shows_the_choice_and_offers_only_lower_ones(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str, visibility: Visibility
) -> None:
    _, page = sign_and_open(visitor, petition, mailbox, language, visibility=visibility.value)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    said = words(page)
    assert in_language(LABELS[visibility], language) in said
    offered = [choice for choice in Visibility if f'value="{choice}"' in page.content.decode()]
    assert offered == visibility.up_to()
    if visibility != Visibility.COUNTED:
        assert chosen(page, "visibility") == visibility
    assert ('name="reason"' in page.content.decode()) == (visibility == Visibility.PUBLIC)


def test_a_mail_scanner_that_follows_every_link_confirms_nothing(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition)
    (mail,) = mailbox.deliver()
    before = rows_per_table()
    scanner = Client()
    for path in [f"/en/confirm/{code_in(mail)}/", f"/ru/confirm/{code_in(mail)}/"]:
        for _ in range(3):
            assert scanner.get(path).status_code == 200
            assert scanner.head(path).status_code == 200
    assert rows_written(before) == {}
    assert Attempt.objects.get().confirmed_at is None


@pytest.mark.parametrize("asked", list(Visibility))
@pytest.mark.parametrize("signed", list(Visibility))
def test_the_name_travels_no_farther_than_it_was_signed_for(
    petition: Petition, visitor: Client, mailbox: Mailbox, signed: Visibility, asked: Visibility
) -> None:
    code, _ = sign_and_open(visitor, petition, mailbox, visibility=signed.value, name="Ясь Ё")
    assert factories.confirm(visitor, code, visibility=asked.value, reason="Freedom").status_code == 303
    signature = Signature.objects.get()
    lower = min(signed, asked, key=lambda choice: choice.reach)
    assert signature.visibility == lower
    assert signature.name == (None if lower == Visibility.COUNTED else "Ясь Ё")
    assert signature.reason == ("Freedom" if lower == Visibility.PUBLIC else None)
    assert Tally.objects.get(kind=TallyKind.CONFIRMED).visibility == lower
    assert Tally.objects.get(kind=TallyKind.SUBMITTED).visibility == signed


def test_a_reason_is_cleaned_and_shown_only_after_approval(
    ordinary: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    code, _ = sign_and_open(visitor, ordinary, mailbox, visibility="PUBLIC")
    factories.confirm(visitor, code, reason="  Потому\u202e что\n\nсвобода <b>  ")
    signature = Signature.objects.get()
    assert signature.reason == "Потому что свобода <b>"
    assert "свобода" not in read(Client(), page_of(ordinary, "signers"))
    Signature.objects.update(reason_approved=True)
    listed = read(Client(), page_of(ordinary, "signers"))
    assert "свобода &lt;b&gt;" in listed


def test_a_new_reason_must_be_approved_anew(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.make_signature(petition, address="a@example.org", visibility="PUBLIC", reason="Old", reason_approved=True)
    code, _ = sign_and_open(visitor, petition, mailbox, visibility="PUBLIC", email="a@example.org")
    factories.confirm(visitor, code, reason="New")
    signature = Signature.objects.get()
    assert (signature.reason, signature.reason_approved) == ("New", False)


@LANGUAGES
def test_a_reason_that_is_too_long_is_sent_back_with_everything_typed(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    code, _ = sign_and_open(visitor, petition, mailbox, language, visibility="PUBLIC")
    before = rows_per_table()
    answer = factories.confirm(visitor, code, language, visibility="PUBLIC", reason="ы" * 501)
    assert answer.status_code == 422
    assert in_language("This is too long: %(limit)s characters at most.", language, limit=500) in words(answer)
    assert "ы" * 501 in answer.content.decode()
    assert chosen(answer, "visibility") == "PUBLIC"
    assert set(rows_written(before)) <= {"signatures_ratelimit"}
    assert factories.confirm(visitor, code, language, reason="ы" * 500).status_code == 303


@LANGUAGES
@pytest.mark.parametrize("visibility", ["", "EVERYBODY"])
def test_a_choice_that_is_none_is_sent_back(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str, visibility: str
) -> None:
    code, _ = sign_and_open(visitor, petition, mailbox, language, visibility="PUBLIC")
    answer = factories.confirm(visitor, code, language, visibility=visibility)
    assert answer.status_code == 422
    assert in_language("Choose who may see your name.", language) in words(answer)
    assert Signature.objects.count() == 0


def test_a_double_click_gets_the_same_answer_twice_and_counts_once(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    code, _ = sign_and_open(visitor, petition, mailbox)
    first, second = factories.confirm(visitor, code), factories.confirm(visitor, code)
    assert first.status_code == 303
    assert factories.answer_facts(first) == factories.answer_facts(second)
    assert Signature.objects.count() == 1
    assert petition.tallies.all().count_signatures() == 1


def test_confirming_leaves_a_stub_and_no_mail(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.ask_for_city(petition)
    code, _ = sign_and_open(visitor, petition, mailbox, visibility="PUBLIC", city="Гродна", email="a@example.org")
    # Another attempt of the address is spent with it, and one of another address is not.
    for address in ("a@example.org", "b@example.org"):
        factories.sign(visitor, petition, email=address)
    factories.confirm(visitor, code)
    stub = Attempt.objects.exclude(confirmed_at=None).values().get()
    kept = {name: value for name, value in stub.items() if value is not None}
    assert set(kept) == {"id", "petition_id", "code_hash", "created_at", "expires_at", "confirmed_at", "press_hash"}
    assert OutgoingMail.objects.count() == 1
    assert Attempt.objects.count() == 2


def test_a_code_typed_before_the_mail_has_left_takes_the_mail_away(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition, email="a@example.org")
    factories.sign(visitor, petition, email="b@example.org")
    code = code_in(mailbox.deliver()[0])
    OutgoingMail.objects.create(
        kind="CONFIRM",
        petition=petition,
        attempt=Attempt.objects.earliest("id"),
        language="en",
        address_encrypted=b"",
        secret_encrypted=b"",
    )
    factories.confirm(visitor, code)
    assert OutgoingMail.objects.count() == 0


@LANGUAGES
def test_a_code_opened_in_the_other_language_keeps_the_language_of_signing(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    other = {"en": "ru", "ru": "en"}[language]
    code, _ = sign_and_open(visitor, petition, mailbox, language)
    answer = factories.confirm(visitor, code, other)
    assert answer["Location"] == page_of(petition, "thanks", other)
    assert Signature.objects.get().language == language
