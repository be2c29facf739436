"""How often one network may send a form, and what a visitor is told who has to wait."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import time_machine
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from signatures.models import Petition
from signatures.safeguarding.rate_limits import network_key
from tests.support import factories
from tests.support.database import at_once, query, rows_per_table, rows_written, traces_of
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import chosen, field_value, in_language, words

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
CODE = "0000-0000-0000-0000"
COUNTERS = "signatures_ratelimit"


@pytest.fixture(autouse=True)
def one_minute() -> Iterator[time_machine.Traveller]:
    """Let no minute end within a test."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@contextmanager
def onion(settings: Settings) -> Iterator[socket.socket]:
    """Open a listener of the onion service."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.ONION_LISTENERS = [f"127.0.0.1:{listener.getsockname()[1]}"]
        yield listener


def from_address(address: str, **values: Any) -> Client:
    """Return a visitor from a network address."""
    return Client(REMOTE_ADDR=address, **values)


def statuses(client: Client, amount: int, **headers: str) -> list[int]:
    """Return what a visitor gets who types a code again and again."""
    return [client.post("/en/confirm/", {"code": CODE}, headers=headers).status_code for _ in range(amount)]


def is_limited(client: Client, **headers: str) -> bool:
    """Return whether one more typed code is refused."""
    return statuses(client, 1, **headers) == [429]


@LANGUAGES
def test_the_thirty_first_signature_of_a_minute_has_to_wait_and_keeps_what_was_typed(
    petition: Petition, visitor: Client, language: str
) -> None:
    for _ in range(30):
        assert factories.sign(visitor, petition, language).status_code == 303
    before = rows_per_table()
    answer = factories.sign(
        visitor, petition, language, name="Zoë Ё", email="zoe@example.org", country="PL", visibility="PUBLIC"
    )
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert answer["Cache-Control"] == "no-store"
    said = words(answer)
    assert in_language("Please try again in %(minutes)s min.", language, minutes=1) in said
    assert field_value(answer, "email") == "zoe@example.org"
    assert field_value(answer, "name") == "Zoë Ё"
    assert (chosen(answer, "country"), chosen(answer, "visibility"), chosen(answer, "consent")) == (
        "PL",
        "PUBLIC",
        "on",
    )
    assert field_value(answer, "version") == "1"
    assert set(rows_written(before)) <= {COUNTERS}


def test_a_mistake_is_not_held_against_someone_who_has_to_wait(petition: Petition, visitor: Client) -> None:
    statuses_of_signing = [factories.sign(visitor, petition, email="nobody").status_code for _ in range(31)]
    assert statuses_of_signing == [422] * 30 + [429]
    assert "Check the address" not in words(factories.sign(visitor, petition, email="nobody"))


@LANGUAGES
def test_who_has_to_wait_on_the_confirm_page_loses_nothing_and_can_confirm_later(
    petition: Petition, visitor: Client, mailbox: Mailbox, language: str, one_minute: time_machine.Traveller
) -> None:
    factories.sign(visitor, petition, language, visibility="PUBLIC")
    code = code_in(mailbox.deliver()[0])
    statuses(visitor, 30)
    answer = factories.confirm(visitor, code, language, visibility="DELIVERED", reason="Because of <b>")
    assert answer.status_code == 429
    assert "Because of &lt;b&gt;" in answer.content.decode()
    assert chosen(answer, "visibility") == "DELIVERED"
    one_minute.shift(61)
    assert factories.confirm(visitor, code, language).status_code == 303


def test_an_unknown_code_and_a_known_one_are_refused_by_the_same_limit(petition: Petition, visitor: Client) -> None:
    statuses(visitor, 30)
    assert factories.confirm(visitor, CODE).status_code == 429
    assert factories.confirm(visitor, "-").status_code == 429


def test_six_hundred_an_hour_is_a_second_limit(
    petition: Petition, settings: Settings, one_minute: time_machine.Traveller
) -> None:
    settings.FORM_RATES = ["30/m", "40/h"]
    client = from_address("192.0.2.1")
    assert statuses(client, 30) == [303] * 30
    one_minute.shift(60)
    assert statuses(client, 11) == [303] * 10 + [429]
    answer = client.post("/en/confirm/", {"code": CODE})
    assert 60 < int(answer["Retry-After"]) <= 3600
    assert f"{-(-int(answer['Retry-After']) // 60)} min" in words(cast("HttpResponse", answer))


def test_the_defaults_are_those_agreed(settings: Settings) -> None:
    assert settings.FORM_RATES == ["30/m", "600/h"]
    assert settings.LOGIN_RATES == ["5/m"]
    assert settings.TRUSTED_PROXIES == 0


@pytest.mark.parametrize(
    ("used_up", "other", "shared"),
    [
        ("127.0.0.1", "127.0.0.2", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "not an address", True),
        ("", "192.0.2.1", False),
    ],
)
def test_an_address_counts_alone_and_an_ipv6_network_together(
    db: None, used_up: str, other: str, *, shared: bool
) -> None:
    assert statuses(from_address(used_up), 31)[-2:] == [303, 429]
    assert is_limited(from_address(other)) == shared


def test_a_forged_forwarding_header_changes_nothing(db: None) -> None:
    client = from_address("192.0.2.1")
    answers = [
        client.post("/en/confirm/", {"code": CODE}, headers={"x-forwarded-for": f"198.51.100.{number}"}).status_code
        for number in range(31)
    ]
    assert answers[-1] == 429
    assert is_limited(
        client, **{"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9", "x-real-ip": "1.1.1.1"}
    )
    assert not is_limited(from_address("192.0.2.2"), **{"x-forwarded-for": "192.0.2.1"})


@pytest.mark.parametrize(
    ("proxies", "same", "other"),
    [
        (1, ["192.0.2.1", "6.6.6.6, 192.0.2.1", "192.0.2.9,192.0.2.1 "], "192.0.2.1, 192.0.2.9"),
        (2, ["192.0.2.1, 10.0.0.1", "6.6.6.6, 192.0.2.1, 10.0.0.2"], "192.0.2.1, 192.0.2.9, 10.0.0.1"),
    ],
)
def test_behind_trusted_proxies_the_address_is_what_the_farthest_of_them_saw(
    db: None, settings: Settings, proxies: int, same: list[str], other: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    proxy = from_address("10.0.0.9")
    for number in range(30):
        assert not is_limited(proxy, **{"x-forwarded-for": same[number % len(same)]})
    for header in same:
        assert is_limited(proxy, **{"x-forwarded-for": header})
    assert not is_limited(proxy, **{"x-forwarded-for": other})


def test_a_chain_shorter_than_the_proxies_counts_the_connection(db: None, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 2
    proxy = from_address("10.0.0.9")
    assert statuses(proxy, 31, **{"x-forwarded-for": "192.0.2.1"})[-1] == 429
    assert not is_limited(from_address("10.0.0.8"), **{"x-forwarded-for": "192.0.2.1"})


def test_onion_visitors_share_a_bucket_with_limits_of_its_own(db: None, settings: Settings) -> None:
    with onion(settings) as listener:
        settings.ONION_RATES = ["40/m"]
        one, two = (from_address(address, **{"gunicorn.socket": listener}) for address in ("127.0.0.1", "127.0.0.2"))
        assert statuses(one, 20) == statuses(two, 20) == [303] * 20
        assert is_limited(one)
        assert is_limited(two, **{"x-forwarded-for": "203.0.113.9"})
        assert not is_limited(from_address("127.0.0.1"))


def guess(client: Client) -> int:
    """Try a password."""
    return client.post("/admin/login/", {"username": uuid.uuid4().hex, "password": "wrong"}).status_code


def test_a_password_is_guessed_over_the_onion_service_no_faster_than_elsewhere(db: None, settings: Settings) -> None:
    with onion(settings) as listener:
        visitors = [from_address(f"127.0.0.{number}", **{"gunicorn.socket": listener}) for number in range(1, 4)]
        assert [guess(visitors[number % 3]) for number in range(7)] == [200] * 5 + [429] * 2
        assert guess(from_address("127.0.0.1")) == 200
        # The stricter of both, whichever it is.
        settings.LOGIN_RATES, settings.ONION_RATES = ["50/m"], ["3/m"]
        assert [guess(visitors[0]) for _ in range(4)] == [200] * 3 + [429]


def test_with_circuits_nobody_alone_keeps_organisers_from_logging_in(db: None, settings: Settings) -> None:
    settings.ONION_CIRCUITS = True
    with onion(settings) as listener:
        circuits = [
            from_address(f"fc00:dead:beef:4dad::{number:x}", **{"gunicorn.socket": listener}) for number in range(1, 7)
        ]
        assert [guess(circuits[0]) for _ in range(40)] == [200] * 5 + [429] * 35
        assert guess(circuits[1]) == 200
        for circuit in circuits[1:]:
            for _ in range(4):
                guess(circuit)
        # Twenty are for all of them.
        assert guess(circuits[5]) == 429


def test_all_networks_of_a_prefix_of_48_bits_have_sixteen_visitors_share_together(db: None, settings: Settings) -> None:
    settings.FORM_RATES = ["2/m"]
    answers = [statuses(from_address(f"2001:db8:7:{number:x}00::1"), 1)[0] for number in range(60)]
    assert answers == [303] * 32 + [429] * 28
    assert not is_limited(from_address("2001:db8:8::1"))


def test_being_refused_takes_nothing_from_the_neighbours(db: None, settings: Settings) -> None:
    settings.FORM_RATES = ["2/m"]
    assert statuses(from_address("2001:db8:7:1::1"), 50) == [303] * 2 + [429] * 48
    answers = [statuses(from_address(f"2001:db8:7:{number:x}::1"), 2) for number in range(2, 5)]
    assert answers == [[303, 303]] * 3
    assert is_limited(from_address("2001:db8:7:5::1"))
    assert not is_limited(from_address("2001:db8:7:100::1"))


def test_an_onion_visitor_who_has_to_wait_still_sees_the_form(petition: Petition, settings: Settings) -> None:
    with onion(settings) as listener:
        settings.ONION_RATES = ["1/m"]
        client = from_address("127.0.0.1", **{"gunicorn.socket": listener})
        assert factories.sign(client, petition).status_code == 303
        answer = factories.sign(client, petition, email="tor@example.org")
        assert (answer.status_code, field_value(answer, "email")) == (429, "tor@example.org")


def test_the_store_holds_keyed_hashes_alone(petition: Petition) -> None:
    address = "203.0.113.77"
    factories.sign(from_address(address), petition)
    assert query(f"SELECT count(*) FROM {COUNTERS}")[0][0] == 2  # noqa: S608
    assert traces_of(address, "203.0.113") == []


def test_the_key_of_the_hash_changes_with_the_day(db: None, settings: Settings) -> None:
    settings.FORM_RATES = ["1/d"]
    client = from_address("192.0.2.1")
    assert statuses(client, 2) == [303, 429]
    first = set(query(f"SELECT key FROM {COUNTERS}"))  # noqa: S608
    today, tomorrow = (NOON + timedelta(days=day) for day in (0, 1))
    assert network_key("192.0.2.1", str(today.date())) != network_key("192.0.2.1", str(tomorrow.date()))
    assert network_key("192.0.2.1", str(today.date())) != network_key("192.0.2.2", str(today.date()))
    with time_machine.travel(tomorrow, tick=False):
        assert statuses(client, 1) == [303]
    assert len(set(query(f"SELECT key FROM {COUNTERS}")) - first) == 1  # noqa: S608


def test_another_secret_gives_another_hash(settings: Settings) -> None:
    before = network_key("192.0.2.1", "2011-01-01")
    settings.NETWORK_SECRET = "another secret " + "x" * 40
    assert network_key("192.0.2.1", "2011-01-01") != before


@pytest.mark.django_db(transaction=True)
def test_visitors_who_come_at_the_same_moment_are_counted_exactly() -> None:
    answers = at_once(*[lambda: statuses(from_address("192.0.2.1"), 5) for _ in range(8)])
    caches["ratelimits"].clear()
    flat = [status for some in answers for status in some]
    assert (flat.count(303), flat.count(429)) == (30, 10)


def test_counters_that_have_run_out_are_cleared(db: None) -> None:
    statuses(from_address("192.0.2.1"), 1)
    query(f"UPDATE {COUNTERS} SET expires_at = now() - interval '1 second'")  # noqa: S608
    assert caches["ratelimits"].delete_expired() == 2  # type: ignore[attr-defined]
    assert query(f"SELECT count(*) FROM {COUNTERS}") == [(0,)]  # noqa: S608
