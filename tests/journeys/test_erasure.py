"""What must be gone is gone: every column of every table is searched for what a person has typed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from signatures.counting.folding import fold_tallies
from signatures.mailing.sending import delete_given_up
from signatures.models import Attempt, OutgoingMail, Petition, Signature
from signatures.signing.actions import expire_attempts
from tests.support import factories
from tests.support.database import let_attempts_grow_old, let_mails_grow_old, query, traces_of
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.page_reading import page_of

NAME = "Алесь Пушкін-Zażółć"
CITY = "Давыд-Гарадок"
ADDRESS = "Ales.Pushkin+petition@googlemail.com"
CANONICAL = "alespushkin@gmail.com"
REASON = "Бо мой брат у турме"
PERSON = (NAME, CITY, ADDRESS, CANONICAL, REASON, "googlemail", "alespushkin")


@pytest.fixture(autouse=True)
def everything_in_one_place(petition: Petition, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Ask for the city, and look into the log as well."""
    factories.ask_for_city(petition)
    caplog.set_level(logging.DEBUG, logger="signatures")
    yield
    assert not [value for value in PERSON if value in caplog.text]


def sign(client: Client, petition: Petition, visibility: str = "PUBLIC") -> None:
    """Sign as the person."""
    answer = factories.sign(client, petition, "ru", visibility=visibility, name=NAME, city=CITY, email=ADDRESS)
    assert answer.status_code == 303


def test_the_search_finds_a_value_in_every_kind_of_column(db: None) -> None:
    query("CREATE TABLE hiding_places (a text, b bytea, c text[], d bytea[], e jsonb, f varchar(99), g json, h text)")
    places = {
        "a": NAME,
        "b": NAME.encode(),
        "c": ["x", NAME],
        "d": [b"x", NAME.encode()],
        "f": NAME.upper(),
        "h": NAME.encode().hex(),
    }
    for column, value in places.items():
        query(f"INSERT INTO hiding_places ({column}) VALUES (%s)", [value])  # noqa: S608
    query("INSERT INTO hiding_places (e) VALUES (jsonb_build_object('x', %s::text))", [NAME])
    query("INSERT INTO hiding_places (g) VALUES (%s)", [json.dumps({"x": NAME})])
    assert traces_of(NAME) == [f"hiding_places.{column}" for column in "abcdefgh"]
    assert traces_of("Nobody") == []


def test_before_confirming_everything_personal_is_encrypted(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    sign(visitor, petition)
    assert Attempt.objects.count() == OutgoingMail.objects.count() == 1
    assert traces_of(*PERSON) == []
    code = code_in(mailbox.deliver()[0])
    assert traces_of(*PERSON, code, code.replace("-", "")) == []


def test_no_network_address_is_kept_by_anything(petition: Petition, mailbox: Mailbox) -> None:
    client = Client(enforce_csrf_checks=True, REMOTE_ADDR="203.0.113.77", headers={"user-agent": "Tracer/1.0"})
    sign(client, petition)
    code = code_in(mailbox.deliver()[0])
    factories.confirm(client, code)
    client.post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    assert traces_of("203.0.113.77", "203.0.113", "Tracer") == []


def test_once_confirmed_only_what_was_chosen_to_travel_is_there(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    sign(visitor, petition)
    code = code_in(mailbox.deliver()[0])
    factories.confirm(visitor, code, reason=REASON)
    assert traces_of(NAME) == ["signatures_signature.name"]
    assert traces_of(CITY) == ["signatures_signature.city"]
    assert traces_of(REASON) == ["signatures_signature.reason"]
    assert traces_of(ADDRESS, CANONICAL, code, code.replace("-", "")) == []


@pytest.mark.parametrize("signed", ["COUNTED", "DELIVERED", "PUBLIC"])
def test_confirming_so_that_no_one_sees_the_name_leaves_nothing_of_the_person(
    petition: Petition, visitor: Client, mailbox: Mailbox, signed: str
) -> None:
    sign(visitor, petition, signed)
    code = code_in(mailbox.deliver()[0])
    factories.confirm(visitor, code, visibility="COUNTED", reason=REASON)
    assert petition.tallies.all().count_signatures() == 1
    assert traces_of(*PERSON, code, code.replace("-", "")) == []
    assert encrypted_columns() == set()


def test_signing_again_for_no_one_erases_the_name_of_the_first_time(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    sign(visitor, petition)
    factories.confirm(visitor, code_in(mailbox.deliver()[0]), reason=REASON)
    sign(visitor, petition, "COUNTED")
    factories.confirm(visitor, code_in(mailbox.deliver()[0]), visibility="COUNTED")
    assert Signature.objects.count() == 1
    assert traces_of(*PERSON) == []


@pytest.mark.parametrize("state", ["CONFIRMED", "HELD", "REMOVED"])
def test_withdrawing_leaves_nothing_of_the_person(
    petition: Petition, visitor: Client, mailbox: Mailbox, state: str
) -> None:
    sign(visitor, petition)
    code = code_in(mailbox.deliver()[0])
    factories.confirm(visitor, code, reason=REASON)
    if state != "CONFIRMED":
        Signature.objects.update(state=state, state_reason="INVENTED")
    keys = [bytes(key) for row in Signature.objects.values_list("email_key", "domain_key") for key in row if key]
    # The domain of a large provider has none.
    assert traces_of(*keys) == ["signatures_signature.email_key"]
    visitor.post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    assert traces_of(ADDRESS, CANONICAL) == []
    (mail,) = mailbox.deliver()
    answer = visitor.post(paths_in(mail)[0], {"action": "WITHDRAW"})
    assert answer.status_code == 200
    fold_tallies()
    assert Signature.objects.count() == 0
    # One that an organiser had removed or held leaves its mark, and nothing else.
    left = ["signatures_removedmark.email_key"] if state != "CONFIRMED" else []
    assert traces_of(*PERSON, code, code.replace("-", ""), *keys) == left
    assert encrypted_columns() == set()


def samples() -> str:
    """Return the values that PostgreSQL has sampled to plan by."""
    return str(query("SELECT histogram_bounds::text, most_common_vals::text, most_common_elems::text FROM pg_stats"))


def test_no_sample_is_taken_of_what_may_be_erased(petition: Petition, visitor: Client) -> None:
    signatures = [factories.make_signature(petition, name=f"Signer Zyzzyva{i}", city=f"Quux{i}") for i in range(3)]
    for number in range(3):
        factories.sign(visitor, petition, name=NAME, email=f"zyzzyva{number}@example.org")
    query("ANALYZE")
    assert "CONFIRMED" in samples()
    keys = [bytes(signature.email_key or b"").hex() for signature in signatures]
    keys += [bytes(key).hex() for attempt in Attempt.objects.all() for key in attempt.email_keys or []]
    encrypted = [bytes(mail.address_encrypted).hex() for mail in OutgoingMail.objects.all()]
    for value in ("zyzzyva", "quux", *keys, *encrypted, b"gAAAAA".hex()):
        assert value not in samples().lower()


def test_lowering_erases_what_must_not_travel_any_more(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    sign(visitor, petition)
    factories.confirm(visitor, code_in(mailbox.deliver()[0]), reason=REASON)
    visitor.post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    link = paths_in(mailbox.deliver()[0])[0]
    visitor.post(link, {"action": "DELIVERED"})
    assert traces_of(REASON) == []
    assert traces_of(NAME) == ["signatures_signature.name"]
    visitor.post(link, {"action": "COUNTED"})
    assert traces_of(*PERSON) == []
    assert petition.tallies.all().count_signatures() == 1


def test_after_seven_days_nothing_is_left_of_what_nobody_has_confirmed(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    sign(visitor, petition)
    code = code_in(mailbox.deliver()[0])
    hashes = [bytes(value) for value in Attempt.objects.values_list("code_hash", flat=True)]
    keys = [bytes(key) for attempt in Attempt.objects.all() for key in attempt.email_keys or []]
    let_attempts_grow_old(timedelta(days=7, seconds=1))
    assert expire_attempts() == 1
    assert Attempt.objects.count() == OutgoingMail.objects.count() == 0
    assert traces_of(*PERSON, code, code.replace("-", ""), *hashes, *keys) == []
    assert encrypted_columns() == set()


def test_a_stub_is_gone_after_a_minute(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    sign(visitor, petition, "COUNTED")
    factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    let_attempts_grow_old(timedelta(seconds=50))
    expire_attempts()
    assert Attempt.objects.count() == 1
    let_attempts_grow_old(timedelta(seconds=20))
    assert expire_attempts() == 0
    assert Attempt.objects.count() == 0


def test_the_address_goes_with_its_mail(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    sign(visitor, petition)
    visitor.post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    assert encrypted_columns() == {
        "signatures_attempt.name_encrypted",
        "signatures_attempt.city_encrypted",
        "signatures_outgoingmail.address_encrypted",
        "signatures_outgoingmail.secret_encrypted",
    }
    mailbox.deliver()
    assert encrypted_columns() == {"signatures_attempt.name_encrypted", "signatures_attempt.city_encrypted"}


def test_the_address_goes_after_48_hours_even_if_its_mail_could_not_be_sent(
    petition: Petition, visitor: Client
) -> None:
    sign(visitor, petition)
    visitor.post(page_of(petition, "my_signature_request"), {"email": ADDRESS})
    let_mails_grow_old(timedelta(hours=47, minutes=59))
    assert delete_given_up() == 0
    let_mails_grow_old(timedelta(minutes=2))
    assert delete_given_up() == 2
    assert not {column for column in encrypted_columns() if "outgoingmail" in column}


def test_asking_for_no_more_mails_keeps_a_mark_and_no_address(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    sign(visitor, petition, "COUNTED")
    (mail,) = mailbox.deliver()
    visitor.post(paths_in(mail)[1])
    assert traces_of(*PERSON) == []


def encrypted_columns() -> set[str]:
    """Return every ``table.column`` that holds something that the site can decrypt."""
    # The first bytes of a Fernet token: its version and the upper half of its time.
    return set(traces_of(b"gAAAAA"))
