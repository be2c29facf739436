"""What a visitor is told when a form cannot be taken, and that nothing typed is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from signatures.signing.forms import HONEYPOT
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.database import rows_per_table, rows_written
from tests.support.page_reading import chosen, field_value, in_language, page_of, read, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
COUNTERS = "signatures_ratelimit"
TYPED = {
    "visibility": "PUBLIC",
    "name": 'Ян "Кот" <b>Ё</b>',
    "email": "jan@example.org",
    "country": "UA",
    "consent": "on",
}


def keeps_what_was_typed(answer: HttpResponse, **changed: str | None) -> None:
    """Assert that the form still holds everything, save what a test has left out."""
    typed = {**TYPED, **changed}
    assert chosen(answer, "visibility") == typed["visibility"]
    assert chosen(answer, "country") == (typed["country"] or chosen(answer, "country"))
    assert chosen(answer, "consent") == typed["consent"]
    assert field_value(answer, "name") == (typed["name"] or "")
    assert field_value(answer, "email") == (typed["email"] or "")


def nothing_is_stored(before: dict[str, int]) -> None:
    """Assert that no row was written, save a counter of the limits."""
    assert {table for table in rows_written(before) if table != COUNTERS} == set()


@LANGUAGES
@pytest.mark.parametrize(
    "mistake",
    [
        ("visibility", None, "Choose who may see your name."),
        ("visibility", "EVERYBODY", "Choose who may see your name."),
        ("name", "", "Enter your first and last name."),
        ("name", "1234 !?", "Enter your first and last name."),
        ("name", "\u202e\u200b", "Enter your first and last name."),
        ("email", "", "Check the address, for example name@example.org"),
        ("email", "nobody", "Check the address, for example name@example.org"),
        ("email", "a@b@c", "Check the address, for example name@example.org"),
        ("email", "a" * 250 + "@example.org", "Check the address, for example name@example.org"),
        ("email", "a@example.org\r\nBcc: b@example.org", "Check the address, for example name@example.org"),
        ("country", None, "Choose the country where you live."),
        ("country", "XX", "Choose the country where you live."),
        ("consent", None, "Tick the box to give your consent."),
    ],
)
def test_a_mistake_is_named_in_the_visitors_language_and_the_rest_is_kept(
    petition: Petition, visitor: Client, language: str, mistake: tuple[str, str | None, str]
) -> None:
    field, value, message = mistake
    before = rows_per_table()
    answer = factories.sign(visitor, petition, language, **cast("dict[str, str]", {**TYPED, field: value}))
    assert answer.status_code == 422
    assert answer["Content-Language"] == language
    assert answer["Cache-Control"] == "no-store"
    said = words(answer)
    assert in_language(message, language) in said
    assert in_language("Not sent yet. Please check the form.", language) in said
    if field == "name" or value is None:
        keeps_what_was_typed(answer, **{field: value})
    nothing_is_stored(before)


@LANGUAGES
def test_what_a_signer_consents_to_still_stands_beside_its_box(
    petition: Petition, visitor: Client, language: str
) -> None:
    refused = factories.sign(visitor, petition, language, email="nobody")
    consent = {"en": "I consent.", "ru": "Даю согласие."}[language]
    assert f'<label for="id_consent">{consent}</label>' in refused.content.decode()


def test_a_wrong_address_stays_in_its_field_to_be_mended(petition: Petition, visitor: Client) -> None:
    answer = factories.sign(visitor, petition, **{**TYPED, "email": "jan@example"})
    keeps_what_was_typed(answer, email="jan@example")


def test_the_longest_name_is_120_characters_after_cleaning(petition: Petition, visitor: Client) -> None:
    name = "и\u0306" * 120  # two characters each as typed, one in NFC
    assert factories.sign(visitor, petition, **{**TYPED, "name": f" {name} "}).status_code == 303
    answer = factories.sign(visitor, petition, "ru", **{**TYPED, "name": f"{name}j"})
    assert answer.status_code == 422
    message = in_language("The name is too long: %(limit)s characters at most.", "ru", limit=120)
    assert message in words(answer)


def test_a_form_with_nothing_in_it_is_answered(petition: Petition, visitor: Client) -> None:
    answer = cast("HttpResponse", visitor.post(page_of(petition)))
    assert answer.status_code == 422
    for message in ("Choose who may see your name.", "Check the address, for example name@example.org"):
        assert message in words(answer)


def test_nobody_is_asked_for_a_name_before_choosing_who_may_see_it(petition: Petition, visitor: Client) -> None:
    answer = cast("HttpResponse", visitor.post(page_of(petition)))
    assert "Enter your first and last name." not in words(answer)


@LANGUAGES
def test_a_signature_under_a_text_that_has_changed_is_not_taken(
    petition: Petition, visitor: Client, language: str
) -> None:
    form = factories.sign_form(petition, **TYPED)
    petition.title_en, petition.title_ru = "A new title", "Новое название"
    petition.save()
    publish_text(petition=petition, actor=None)
    before = rows_per_table()
    answer = cast("HttpResponse", visitor.post(page_of(petition, language=language), form))
    assert answer.status_code == 422
    message = "The text has changed since you opened this page."
    sentence = f"{message} Please read it again; what you typed is still in the form."
    assert in_language(sentence, language) in words(answer)
    assert {"en": "A new title", "ru": "Новое название"}[language] in words(answer)
    keeps_what_was_typed(answer)
    nothing_is_stored(before)
    # The form now belongs to the new text, and can be sent as it is.
    assert field_value(answer, "version") == "2"
    assert cast("HttpResponse", visitor.post(page_of(petition), {**form, "version": "2"})).status_code == 303


@pytest.mark.parametrize("version", ["", "0", "-1", "2", "one", "1\0", "9" * 30])
def test_a_version_that_was_never_the_newest_is_not_taken(petition: Petition, visitor: Client, version: str) -> None:
    answer = factories.sign(visitor, petition, **{**TYPED, "version": version})
    assert answer.status_code == 422 or version == "1\0"


@LANGUAGES
@pytest.mark.parametrize(
    "changes",
    [
        {"status": "CLOSED"},
        {"closes_at": datetime(2012, 1, 1, tzinfo=UTC)},
        {"opens_at": datetime.now(UTC) + timedelta(hours=1)},
    ],
)
def test_a_petition_that_takes_no_signatures_answers_410(
    petition: Petition, visitor: Client, language: str, changes: dict[str, Any]
) -> None:
    Petition.objects.update(**changes)
    before = rows_per_table()
    answer = factories.sign(visitor, petition, language, **TYPED)
    assert answer.status_code == 410
    assert answer["Cache-Control"] == "no-store"
    nothing_is_stored(before)
    text = read(visitor, page_of(petition, language=language))
    assert 'name="email"' not in text


def test_a_petition_says_whether_it_is_over_or_has_not_begun(petition: Petition, visitor: Client) -> None:
    early, over = "This petition is not open yet", "This petition is closed"
    now = datetime.now(UTC)
    Petition.objects.update(opens_at=now + timedelta(minutes=1))
    page = words(read(visitor, page_of(petition)))
    assert early in page
    assert over not in page
    Petition.objects.update(opens_at=now - timedelta(minutes=2), closes_at=now - timedelta(minutes=1))
    page = words(read(Client(), page_of(petition)))
    assert over in page
    assert early not in page


def test_a_petition_closes_at_its_instant_and_not_before(petition: Petition, visitor: Client) -> None:
    Petition.objects.update(closes_at=datetime.now(UTC) + timedelta(hours=1))
    assert factories.sign(visitor, petition, **TYPED).status_code == 303


@pytest.mark.parametrize("name", ["petition", "sent", "thanks", "my_signature_request", "signers"])
def test_a_draft_is_not_there(db: None, visitor: Client, name: str) -> None:
    draft = factories.make_petition(publish=False)
    assert visitor.get(page_of(draft, name)).status_code == 404
    published_and_not_opened = factories.make_petition(status=PetitionStatus.DRAFT)
    assert visitor.get(page_of(published_and_not_opened, name)).status_code == 404
    assert visitor.get(f"/en/petitions/unknown{page_of(draft, name).partition(draft.slug)[2]}").status_code == 404


def test_a_draft_takes_no_signature(db: None, visitor: Client) -> None:
    draft = factories.make_petition(status=PetitionStatus.DRAFT)
    before = rows_per_table()
    assert factories.sign(visitor, draft, **TYPED).status_code == 404
    nothing_is_stored(before)


CROSS_SITE: list[dict[str, str]] = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://evil.example"},
    {"origin": "https://testserver"},
    {"origin": "http://testserver.evil.example"},
]
SAME_SITE: list[dict[str, str]] = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "same-origin", "origin": "http://testserver"},
    {"origin": "http://testserver"},
    {},
]


@pytest.mark.parametrize("headers", CROSS_SITE)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_form_from_another_site_is_refused_before_anything_is_counted(
    petition: Petition, language: str, headers: dict[str, str]
) -> None:
    client = Client(enforce_csrf_checks=True, headers=headers)
    before = rows_per_table()
    for answer in (
        factories.sign(client, petition, language),
        factories.confirm(client, "0000-0000-0000-0000", language),
        client.post(f"/{language}/confirm/", {"code": "0000-0000-0000-0000"}),
        client.post(page_of(petition, "my_signature_request", language), {"email": "a@example.org"}),
        client.post(f"/{language}/my-signature/token/", {"action": "WITHDRAW"}),
        client.post(f"/{language}/no-mail/token/"),
    ):
        assert answer.status_code == 403
        assert in_language("The form was not sent from this site.", language) in words(cast("HttpResponse", answer))
    # A browser that hides where it comes from is sent the form again to be sent anew: a form as any other.
    expected: set[str] = {"signatures_ratelimit"} if headers.get("origin") == "null" else set()
    assert set(rows_written(before)) == expected


@pytest.mark.parametrize("headers", SAME_SITE)
def test_a_form_from_our_own_page_is_taken(petition: Petition, headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True, headers=headers)
    assert factories.sign(client, petition).status_code == 303


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_not_allowed(petition: Petition, method: str) -> None:
    assert getattr(Client(), method)(page_of(petition)).status_code == 405


@pytest.mark.parametrize("field", ["visibility", "name", "email", "country", "consent", "version", HONEYPOT, "city"])
@pytest.mark.parametrize("value", ["\0", "\ud800", "💥" * 5000, "%00", "{{ form }}", "' OR 1=1 --"])
def test_no_value_breaks_the_form(petition: Petition, visitor: Client, field: str, value: str) -> None:
    factories.ask_for_city(petition)
    body = urlencode(factories.sign_form(petition, **{**TYPED, field: value}), errors="surrogatepass")
    answer = visitor.post(page_of(petition), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {303, 422}
