"""Codes and tokens that do not work: used, expired, unknown, malformed and foreign ones get one and the same answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import quote

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from signatures import tokens
from signatures.models import Petition, Signature, Suppression
from signatures.safeguarding import keys
from signatures.signing.actions import expire_attempts
from signatures.tokens import MySignature, canonical_code
from tests.support import factories
from tests.support.database import let_attempts_grow_old, rows_per_table, rows_written
from tests.support.environment import FERNET_KEY
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import field_value, in_language, page_of, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
MALFORMED = [
    "-",
    "0",
    "0000-0000-0000-000",
    "0000-0000-0000-00000",
    "0000-0000-0000-000U",
    "٠٠٠٠-٠٠٠٠-٠٠٠٠-٠٠٠٠",
    "ＡＢＣＤ-ＡＢＣＤ-ＡＢＣＤ-ＡＢＣＤ",
    "ß" * 8,
    "'; DROP TABLE signatures_attempt; --",
    "\0",
    "%",
    "💥" * 50,
    "x" * 5000,
    "a/b",
    "/",
    "../../admin",
]


@pytest.fixture(autouse=True)
def generous_limits(settings: Settings) -> None:
    """Let one network ask more often than the limits allow, so that these tests see no other answer."""
    settings.FORM_RATES = ["10000/m"]


@pytest.fixture(autouse=True)
def onion_service(settings: Settings) -> None:
    """Offer another address of each page, which must not make one answer of several differ."""
    settings.ONION_ORIGIN = f"http://{'a' * 56}.onion"


def answers_to(client: Client, path: str, **form: str) -> list[tuple[object, ...]]:
    """Return all that can be seen of the answers to reading a page and to sending its form."""
    answers = [client.get(path), client.post(path, form)]
    return [factories.answer_facts(cast("HttpResponse", answer)) for answer in answers]


def used_up(client: Client, petition: Petition, mailbox: Mailbox) -> str:
    """Return the code of a signature that was confirmed more than fifteen minutes ago."""
    factories.sign(client, petition)
    code = code_in(mailbox.deliver()[-1])
    factories.confirm(client, code)
    let_attempts_grow_old(timedelta(minutes=15, seconds=1))
    return code


def expired(client: Client, petition: Petition, mailbox: Mailbox) -> str:
    """Return the code of an attempt that nobody has confirmed within seven days and that has not been deleted yet."""
    factories.sign(client, petition)
    code = code_in(mailbox.deliver()[-1])
    let_attempts_grow_old(timedelta(days=7, seconds=1))
    return code


@pytest.mark.parametrize("path", ["confirm/0000-0000-0000-0000", "my-signature/a", "no-mail/a"])
def test_no_cache_keeps_an_address_that_holds_a_secret_not_even_where_its_last_slash_is_missing(
    visitor: Client, path: str
) -> None:
    answer = visitor.get(f"/en/{path}")
    assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (301, f"/en/{path}/", "no-store")


@LANGUAGES
def test_a_code_that_does_not_work_gets_one_answer_whatever_is_wrong_with_it(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    codes = [used_up(visitor, petition, mailbox), expired(visitor, petition, mailbox), tokens.new_code(), *MALFORMED]
    # One that was cleared away.
    codes.append(used_up(visitor, petition, mailbox))
    expire_attempts()
    codes.append(expired(visitor, petition, mailbox))
    before = rows_per_table()
    seen = {
        repr(facts)
        for code in codes
        for facts in answers_to(visitor, f"/{language}/confirm/{quote(code, safe='')}/", visibility="PUBLIC")
    }
    assert len(seen) == 1
    answer = cast("HttpResponse", visitor.get(f"/{language}/confirm/{tokens.new_code()}/"))
    assert answer.status_code == 404
    assert answer["Cache-Control"] == "no-store"
    assert in_language("This link no longer works.", language) in words(answer)
    assert in_language("If you typed a code, check it letter by letter and type it again.", language) in words(answer)
    assert {table for table in rows_written(before) if table != "signatures_ratelimit"} == set()


@LANGUAGES
@pytest.mark.parametrize("form", [{}, {"visibility": "EVERYBODY"}, {"visibility": "PUBLIC", "reason": "x" * 600}])
def test_a_form_that_could_not_be_taken_does_not_tell_either(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str, form: dict[str, str]
) -> None:
    codes = [used_up(visitor, petition, mailbox), expired(visitor, petition, mailbox), tokens.new_code(), "-"]
    seen = {repr(facts) for code in codes for facts in answers_to(visitor, f"/{language}/confirm/{code}/", **form)}
    assert len(seen) == 1


def test_a_used_code_shows_nothing_of_the_signature_even_at_once(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition)
    code = code_in(mailbox.deliver()[0])
    factories.confirm(visitor, code)
    used = answers_to(visitor, f"/en/confirm/{code}/")[0]
    assert used == answers_to(visitor, f"/en/confirm/{tokens.new_code()}/")[0]


def test_a_code_works_until_the_last_minute_of_its_seven_days(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition)
    code = code_in(mailbox.deliver()[0])
    let_attempts_grow_old(timedelta(days=6, hours=23, minutes=59))
    assert expire_attempts() == 0
    assert visitor.get(f"/en/confirm/{code}/").status_code == 200
    let_attempts_grow_old(timedelta(minutes=2))
    assert visitor.get(f"/en/confirm/{code}/").status_code == 404
    assert factories.confirm(visitor, code).status_code == 404
    assert Signature.objects.count() == 0
    assert expire_attempts() == 1


def spellings(code: str) -> list[str]:
    """Return ways in which somebody may type a code."""
    plain = code.replace("-", "")
    confused = plain.replace("0", "O").replace("1", "I")
    return [
        code,
        plain,
        plain.lower(),
        f"  {code}\t",
        " ".join(plain),
        code.replace("-", " - "),
        code.replace("-", "\N{NON-BREAKING HYPHEN}"),
        code.replace("-", "\N{NO-BREAK SPACE}"),
        confused,
        confused.lower(),
        plain.replace("1", "l").replace("0", "o"),
        plain.replace("1", "L"),
    ]


@LANGUAGES
def test_a_code_is_typed_as_anybody_would_type_it(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    factories.sign(visitor, petition, language, visibility="COUNTED")
    code = code_in(mailbox.deliver()[0])
    for typed in spellings(code):
        answer = visitor.post(f"/{language}/confirm/", {"code": typed})
        assert answer.status_code == 303, typed
        shown = visitor.get(answer["Location"])
        assert shown.status_code == 200, typed
        assert in_language("Confirm your signature.", language) in words(cast("HttpResponse", shown))
    answer = visitor.post(answer["Location"], {"visibility": "COUNTED"})
    assert answer["Location"] == page_of(petition, "thanks", language)


@LANGUAGES
def test_a_mistyped_code_is_typed_again_on_the_page_that_it_led_to(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    factories.sign(visitor, petition, language, visibility="COUNTED")
    code = code_in(mailbox.deliver()[0])
    mistyped = visitor.post(f"/{language}/confirm/", {"code": tokens.new_code()})
    page = cast("HttpResponse", visitor.get(mistyped["Location"]))
    assert page.status_code == 404
    assert field_value(page, "code") == ""
    (target,) = re.findall(r'<form\b[^>]*\bmethod="post"\s+action="([^"]+)"', page.content.decode())
    answer = visitor.post(target, {"code": code})
    assert visitor.get(answer["Location"]).status_code == 200


def test_a_typed_code_leads_to_a_page_of_its_own_whether_or_not_it_exists(petition: Petition, visitor: Client) -> None:
    answer = visitor.post("/en/confirm/", {"code": "0000-0000-0000-0000"})
    assert answer.status_code == 303
    assert answer["Location"] == "/en/confirm/0000000000000000/"
    assert answer["Cache-Control"] == "no-store"
    assert visitor.get(answer["Location"]).status_code == 404


@pytest.mark.parametrize(
    "typed", ["", " ", "a/b", "../..", ".", "?x=1", "#x", *(one for one in MALFORMED if not canonical_code(one))]
)
def test_what_cannot_be_a_code_is_said_at_the_field_where_it_stays_to_be_mended(
    petition: Petition, visitor: Client, typed: str
) -> None:
    before = rows_per_table()
    answer = cast("HttpResponse", visitor.post("/en/confirm/", {"code": typed}))
    assert (answer.status_code, answer["Cache-Control"]) == (422, "no-store")
    assert 'aria-invalid="true"' in answer.content.decode()
    if "\0" not in typed:
        assert field_value(answer, "code") == typed
    assert {table for table in rows_written(before) if table != "signatures_ratelimit"} == set()
    # The page stays the same for others.
    assert 'aria-invalid="true"' not in visitor.get("/en/confirm/").content.decode()


@LANGUAGES
def test_a_code_of_another_length_is_told_how_long_it_is(petition: Petition, visitor: Client, language: str) -> None:
    answer = cast("HttpResponse", visitor.post(f"/{language}/confirm/", {"code": "0000-0000-0000-000"}))
    assert "15" in words(answer)
    assert field_value(answer, "code") == "0000-0000-0000-000"


def test_the_pages_that_ask_for_a_code_have_a_field_for_it(petition: Petition, visitor: Client) -> None:
    for path in ("/en/confirm/", "/ru/confirm/", page_of(petition, "sent")):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert b'name="code"' in answer.content


def foreign_tokens(petition: Petition, settings: Settings) -> list[str]:
    """Return tokens that are no my-signature tokens: of another purpose, key or week, or cut."""
    subject = MySignature(petition.pk, keys.email_keys(petition.pk, "a@example.org"))
    token = tokens.my_signature_token(subject)
    with time_machine.travel(datetime.now(UTC) - timedelta(days=7, seconds=1)):
        old = tokens.my_signature_token(subject)
    ours, settings.MY_SIGNATURE_KEYS = settings.MY_SIGNATURE_KEYS, [FERNET_KEY.format("x")]
    other_key = tokens.my_signature_token(subject)
    settings.MY_SIGNATURE_KEYS = ours
    no_mail = tokens.no_mail_token(keys.mail_key("a@example.org"))
    changed = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    return [old, other_key, no_mail, token[:-4], token[1:], changed, tokens.new_code(), *MALFORMED]


@LANGUAGES
@pytest.mark.parametrize("action", ["WITHDRAW", "COUNTED", "DELIVERED", "", "NONSENSE"])
def test_a_my_signature_link_that_does_not_work_gets_one_answer(
    petition: Petition, visitor: Client, settings: Settings, language: str, action: str
) -> None:
    factories.make_signature(petition, address="a@example.org")
    seen = {
        repr(facts)
        for token in foreign_tokens(petition, settings)
        for facts in answers_to(visitor, f"/{language}/my-signature/{quote(token, safe='')}/", action=action)
    }
    assert len(seen) == 1
    assert "404" in seen.pop()
    assert Signature.objects.get().visibility == "DELIVERED"


@LANGUAGES
def test_a_no_mail_link_that_does_not_work_gets_one_answer(
    petition: Petition, visitor: Client, settings: Settings, language: str
) -> None:
    subject = MySignature(petition.pk, keys.email_keys(petition.pk, "a@example.org"))
    no_mail = tokens.no_mail_token(keys.mail_key("a@example.org"))
    ours, settings.NO_MAIL_KEYS = settings.NO_MAIL_KEYS, [FERNET_KEY.format("x")]
    other_key = tokens.no_mail_token(keys.mail_key("a@example.org"))
    settings.NO_MAIL_KEYS = ours
    seen = {
        repr(facts)
        for token in [tokens.my_signature_token(subject), other_key, no_mail[:-4], tokens.new_code(), *MALFORMED]
        for facts in answers_to(visitor, f"/{language}/no-mail/{quote(token, safe='')}/")
    }
    assert len(seen) == 1
    assert "404" in seen.pop()
    assert Suppression.objects.count() == 0
