"""All public forms of a network share one limit, so that what is left says how many came, and not which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from signatures import tokens
from signatures.models import Petition
from signatures.safeguarding import keys
from signatures.safeguarding.rate_limits import seconds_to_wait
from signatures.tokens import MySignature
from tests.support import factories
from tests.support.attacks.routes import Route, all_routes
from tests.support.database import rows_per_table, rows_written
from tests.support.mailbox import Mailbox, code_in
from tests.support.news_mails import make_petition_with_news
from tests.support.page_reading import in_language, page_of, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
COUNTERS = "signatures_ratelimit"
CODE = {"code": "0000-0000-0000-0000"}
Send = Callable[[Client, Petition], HttpResponse]


@pytest.fixture(autouse=True)
def one_minute() -> Iterator[time_machine.Traveller]:
    """Let no minute end within a test."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def mine(petition: Petition, language: str = "en") -> str:
    """Return the link to somebody's signature."""
    subject = MySignature(petition.pk, keys.email_keys(petition.pk, "a@example.org"))
    return f"/{language}/my-signature/{tokens.my_signature_token(subject)}/"


def no_mail(language: str = "en") -> str:
    """Return the link that stops mails."""
    return f"/{language}/no-mail/{tokens.no_mail_token(keys.mail_key('a@example.org'))}/"


def post(path: str, **form: str) -> Send:
    """Return what sends a form to an address."""
    return lambda client, _: cast("HttpResponse", client.post(path, form))


def passing(client: Client) -> int:
    """Return how many forms are still taken, as a neighbour may try."""
    for number in range(40):
        if client.post("/en/confirm/", CODE).status_code == 429:
            return number
    raise AssertionError


KINDS: dict[str, tuple[Send, int]] = {
    "sign": (factories.sign, 303),
    "sign with a mistake": (lambda client, petition: factories.sign(client, petition, email="nobody"), 422),
    "sign what does not exist": (post("/en/petitions/nowhere/"), 404),
    "type a code": (post("/en/confirm/", **CODE), 303),
    "confirm an unknown code": (post("/en/confirm/-/", visibility="COUNTED"), 404),
    "ask for a link": (
        lambda client, petition: cast(
            "HttpResponse", client.post(page_of(petition, "my_signature_request"), {"email": "a@example.org"})
        ),
        200,
    ),
    "withdraw": (
        lambda client, petition: cast("HttpResponse", client.post(mine(petition), {"action": "WITHDRAW"})),
        200,
    ),
    "do what is not offered": (lambda client, petition: cast("HttpResponse", client.post(mine(petition))), 400),
    "use a broken link": (post("/en/my-signature/-/", action="WITHDRAW"), 404),
    "stop mails": (lambda client, _: cast("HttpResponse", client.post(no_mail())), 200),
    "stop mails by a broken link": (post("/en/no-mail/-/"), 404),
    "too many fields": (post("/en/confirm/", **{f"field{number}": "x" for number in range(501)}), 400),
}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_form_is_sent_and_whatever_becomes_of_it_one_fewer_is_left(petition: Petition, kind: str) -> None:
    neighbour = Client(REMOTE_ADDR="192.0.2.1", headers={"sec-fetch-site": "same-origin"})
    send, status = KINDS[kind]
    assert send(neighbour, petition).status_code == status
    assert passing(neighbour) == 29


def test_confirming_leaves_as_many_as_any_other_form(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.sign(Client(REMOTE_ADDR="192.0.2.1", headers={"sec-fetch-site": "same-origin"}), petition)
    assert factories.confirm(visitor, code_in(mailbox.deliver()[0])).status_code == 303
    assert passing(visitor) == 29


def test_what_another_site_sends_uses_up_nobodys_limit(petition: Petition, visitor: Client) -> None:
    stranger = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "cross-site"})
    for _ in range(31):
        assert factories.sign(stranger, petition).status_code == 403
    assert passing(visitor) == 30


@LANGUAGES
def test_no_form_is_taken_once_the_limit_is_reached_and_each_page_says_so(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    factories.sign(visitor, petition, language, visibility="PUBLIC")
    code = code_in(mailbox.deliver()[0])
    passing(visitor)
    paths = [
        page_of(petition, "petition", language),
        f"/{language}/confirm/",
        f"/{language}/confirm/{code}/",
        page_of(petition, "my_signature_request", language),
        mine(petition, language),
        no_mail(language),
    ]
    before = rows_per_table()
    for path in paths:
        answer = cast("HttpResponse", visitor.post(path, {"email": "a@example.org", "action": "DELIVERED", **CODE}))
        assert answer.status_code == 429, path
        assert int(answer["Retry-After"]) >= 1
        assert answer["Cache-Control"] == "no-store"
        assert in_language("Please try again in %(minutes)s min.", language, minutes=1) in words(answer)
    assert set(rows_written(before)) <= {COUNTERS}
    # A page that is only read is never refused.
    for path in paths:
        assert visitor.get(path).status_code == 200


def test_a_code_that_was_used_is_refused_as_an_unknown_one_is(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition)
    code = code_in(mailbox.deliver()[0])
    factories.confirm(visitor, code, visibility="DELIVERED")
    passing(visitor)
    used, unknown = (
        cast("HttpResponse", visitor.post(f"/en/confirm/{one}/", {"visibility": "NONSENSE"}))
        for one in (code, CODE["code"])
    )
    assert (used.status_code, used["Retry-After"]) == (unknown.status_code, unknown["Retry-After"])
    assert words(used) == words(unknown)


EXAMPLES = {"language": "en", "code": "-", "token": "-", "number": "1", "digest": "-", "size": "wide"}


def public_routes() -> list[Route]:
    """Return every address but those of the desk, which has a session and a limit on logging in."""
    return [route for route in all_routes() if not route.is_admin]


@pytest.mark.parametrize("route", public_routes(), ids=lambda route: route.pattern)
def test_every_address_that_takes_a_form_is_limited(
    db: None, visitor: Client, settings: Settings, route: Route
) -> None:
    settings.FORM_RATES = ["0/m"]
    petition = make_petition_with_news()
    values = {name: {**EXAMPLES, "slug": petition.slug}[name] for name in route.parameters}
    answer = visitor.post(route.pattern.format(**values))
    assert answer.status_code in {405, 429}
    assert ("Retry-After" in answer) == (answer.status_code == 429)


def test_some_addresses_take_forms(db: None, visitor: Client, settings: Settings) -> None:
    settings.FORM_RATES = ["0/m"]
    petition = make_petition_with_news()
    limited = {
        route.name
        for route in public_routes()
        if visitor.post(
            route.pattern.format(**{name: {**EXAMPLES, "slug": petition.slug}[name] for name in route.parameters})
        ).status_code
        == 429
    }
    assert limited >= {"petition", "confirm_entry", "confirm", "my_signature_request", "my_signature", "no_mail"}
    assert limited >= {"news_by_mail", "confirm_news", "no_news"}


def test_the_limit_ends_at_the_second_that_was_named_and_not_before(
    db: None, visitor: Client, one_minute: time_machine.Traveller
) -> None:
    passing(visitor)
    seconds = int(visitor.post("/en/confirm/", CODE)["Retry-After"])
    one_minute.shift(seconds - 1)
    assert visitor.post("/en/confirm/", CODE).status_code == 429
    one_minute.shift(1)
    # A new window has begun, and no more pass in the last second of the one before.
    assert passing(visitor) == 30


def test_a_page_that_is_read_counts_where_its_view_asks_for_it(db: None, visitor: Client) -> None:
    request = RequestFactory().get("/", {"digest": "0"})
    assert [seconds_to_wait(request) > 0 for _ in range(31)] == [False] * 30 + [True]
    assert passing(visitor) == 0


@pytest.mark.parametrize("amount", [1, 3])
def test_one_statement_counts_a_form_in_every_window(
    db: None, visitor: Client, django_assert_num_queries: Any, amount: int, settings: Settings
) -> None:
    settings.FORM_RATES = ["30/m", "600/h", "6000/d"][:amount]
    client = Client(REMOTE_ADDR="2001:db8::1", headers={"sec-fetch-site": "same-origin"})
    with django_assert_num_queries(1):
        assert client.post("/en/confirm/", CODE).status_code == 303
