"""Who may have how many mails sent to whom: nobody is flooded or silenced, or reads what others asked for."""

from __future__ import annotations

import os
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.mailing.claiming import claim_batch
from signatures.mailing.sending import delete_given_up
from signatures.models import OutgoingMail, Petition, Suppression
from signatures.models.choices import MailKind
from signatures.safeguarding import keys
from signatures.safeguarding.mail_limits import MAILBOX_LIMITS, Ask, counters_of
from signatures.signing.my_signature import request_my_signature
from tests.support import factories
from tests.support.database import query
from tests.support.mail_counts import ADDRESS, counters_for, drawn_limit, mark_of
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.page_reading import page_of, read, words
from tests.support.readiness import warnings_of

HOME, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    """Let one network send more forms than their limits allow, and the two have two marks, as nearly all have."""
    settings.FORM_RATES = ["100000/s"]
    while mark_of(HOME) == mark_of(ELSEWHERE):
        settings.NETWORK_SECRET += "x"


def sign(petition: Petition, network: str, times: int, address: str = ADDRESS, **values: str) -> None:
    """Send the form so often from a network."""
    for _ in range(times):
        assert factories.sign(Client(REMOTE_ADDR=network), petition, email=address, **values).status_code == 303


def log_folder() -> Path:
    """Return where the server of the tests keeps its write-ahead log."""
    folder = Path(unquote(urlsplit(os.environ["EMAIL_URL"]).path)).parent / "postgres" / "pg_wal"
    if not folder.is_dir():
        pytest.skip("the database of the tests is another server's")
    return folder


def sent_to(mailbox: Mailbox) -> list[str]:
    """Send what may be sent, and return where it went."""
    return [str(mail["To"]) for mail in mailbox.deliver()]


def test_a_flood_for_a_mailbox_ends_whatever_tags_and_dots_its_address_has(
    petition: Petition, mailbox: Mailbox
) -> None:
    for number in range(60):
        local = f"a{'.' * (number % 2)}nna+{number}"
        sign(petition, HOME, 1, f"{local}@any.example.org")
    assert len(mailbox.deliver()) == drawn_limit(petition, address="anna@any.example.org", sender=mark_of(HOME)) <= 8


def test_one_senders_asks_leave_another_senders_their_mails(petition: Petition, mailbox: Mailbox) -> None:
    sign(petition, HOME, 20, name="Somebody Else")
    mailbox.deliver()
    sign(petition, ELSEWHERE, 1, name="Owner Himself")
    (mail,) = mailbox.deliver()
    assert "Owner Himself" in Client().get(paths_in(mail)[0]).content.decode()


def test_what_others_ask_for_while_mails_wait_replaces_nothing(petition: Petition, mailbox: Mailbox) -> None:
    sign(petition, ELSEWHERE, 1, name="Owner Himself")
    sign(petition, HOME, 20, name="Somebody Else")
    pages = [Client().get(paths_in(mail)[0]).content.decode() for mail in mailbox.deliver()]
    assert sum("Owner Himself" in page for page in pages) == 1


def test_mails_at_one_petition_take_none_of_another(petition: Petition, mailbox: Mailbox) -> None:
    sign(petition, HOME, 3)
    assert len(mailbox.deliver()) == 3
    sign(factories.make_petition(), HOME, 3)
    assert len(mailbox.deliver()) == 3


def test_over_all_petitions_one_sender_has_less_sent_than_the_mailbox_may_be_sent(db: None, mailbox: Mailbox) -> None:
    for _ in range(12):
        sign(factories.make_petition(), HOME, 3)
    sent = len(mailbox.deliver())
    assert 10 <= sent <= 19
    sign(factories.make_petition(), ELSEWHERE, 1)
    assert len(mailbox.deliver()) == 1


def test_many_senders_together_have_a_limit_too(petition: Petition, mailbox: Mailbox) -> None:
    for number in range(30):
        sign(petition, f"198.51.100.{number}", 3)
    assert len(mailbox.deliver()) == counters_for(petition, MailKind.CONFIRM)[2].limit <= 29


def test_a_mail_over_a_limit_waits_for_the_next_day_and_is_then_sent(petition: Petition, mailbox: Mailbox) -> None:
    limit = drawn_limit(petition, sender=mark_of(HOME))
    sign(petition, HOME, limit + 1)
    assert len(mailbox.deliver()) == limit
    (waiting,) = OutgoingMail.objects.all()
    midnight = query("SELECT (date_trunc('day', now(), 'UTC') + interval '1 day')")[0][0]
    assert 0 <= (waiting.next_attempt_at - midnight).total_seconds() <= 2.4 * 60 * 60
    assert (waiting.attempts_made, waiting.claimed_until) == (0, None)
    assert mailbox.deliver() == []
    query("UPDATE signatures_outgoingmail SET next_attempt_at = now()")
    query("UPDATE signatures_mailcount SET key = sha256(key)")
    (mail,) = mailbox.deliver()
    assert factories.confirm(Client(), code_in(mail)).status_code == 303


def test_a_mail_that_waits_is_erased_with_its_address_after_48_hours(petition: Petition, mailbox: Mailbox) -> None:
    sign(petition, HOME, 12)
    mailbox.deliver()
    assert OutgoingMail.objects.exists()
    query("UPDATE signatures_outgoingmail SET created_at = now() - interval '48 hours'")
    delete_given_up()
    assert not OutgoingMail.objects.exists()


def test_mails_that_wait_are_nothing_to_be_warned_of(petition: Petition, mailbox: Mailbox, settings: Settings) -> None:
    sign(petition, HOME, 12)
    mailbox.deliver()
    query("UPDATE signatures_outgoingmail SET created_at = now() - interval '5 hours'")
    assert "Mails that have waited" not in warnings_of(settings)
    query("UPDATE signatures_outgoingmail SET next_attempt_at = now() - interval '16 minutes'")
    assert "Mails that have waited" in warnings_of(settings)


@pytest.mark.parametrize("asked_before", [0, 1, 2, 3])
def test_whoever_opens_the_mailbox_and_asks_reads_nothing_of_what_others_asked_for(
    petition: Petition, mailbox: Mailbox, asked_before: int
) -> None:
    sign(petition, HOME, asked_before)
    assert len(mailbox.deliver()) == asked_before
    sign(petition, ELSEWHERE, 12)
    # Whether others asked or not, he is sent as many.
    assert len(mailbox.deliver()) == drawn_limit(petition, sender=mark_of(ELSEWHERE))


def test_every_number_is_drawn_anew_for_each_mailbox_petition_sender_and_day(petition: Petition) -> None:
    now = query("SELECT now()")[0][0]
    asks = [
        Ask("CONFIRM", petition_id, f"{number}@gmail.com", sender)
        for number in range(600)
        for petition_id in (1, 2)
        for sender in ("000", "3ff")
    ]
    drawn = [[counter.limit for counter in counters_of(ask, at=now, is_quiet=False)] for ask in asks]
    for limit, found in zip(MAILBOX_LIMITS, zip(*drawn, strict=True), strict=True):
        assert set(found) == set(range(limit.least, limit.most + 1))
        # One ask more by somebody else shows in one case of so many.
        assert limit.most - limit.least + 1 >= 6
    first = counters_of(asks[0], at=now, is_quiet=False)
    for other in (asks[1], asks[2], asks[4]):
        assert counters_of(other, at=now, is_quiet=False)[0].key != first[0].key
    tomorrow = counters_of(asks[0], at=first[0].ends_at, is_quiet=False)
    assert not {counter.key for counter in tomorrow} & {counter.key for counter in first}


def test_a_domain_whose_owner_has_every_address_is_sent_so_many_an_hour_and_a_day(
    petition: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    settings.MAIL_DOMAIN_RATES = ["9/h", "20/d"]
    for number in range(40):
        sign(petition, f"198.51.100.{number}", 1, f"{number}@mail{number}.catch-all.example")
    sent = len(mailbox.deliver())
    assert 9 <= sent <= 17
    nearest = query("SELECT min(next_attempt_at) < now() + interval '70 minutes' FROM signatures_outgoingmail")
    assert nearest == [(True,)]
    sign(petition, HOME, 1, "somebody@other.example")
    assert sent_to(mailbox) == ["somebody@other.example"]


def test_one_sender_cannot_use_up_what_a_domain_may_be_sent(
    petition: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    settings.MAIL_DOMAIN_RATES = ["9/h"]
    for number in range(40):
        sign(petition, HOME, 1, f"{number}@village.example")
    assert 3 <= len(mailbox.deliver()) <= 5
    sign(petition, ELSEWHERE, 1, "anna@village.example")
    assert sent_to(mailbox) == ["anna@village.example"]


def test_a_large_provider_has_no_limit_as_a_domain(petition: Petition, mailbox: Mailbox, settings: Settings) -> None:
    settings.MAIL_DOMAIN_RATES = ["3/h"]
    for number in range(40):
        sign(petition, HOME, 1, f"person{number}@googlemail.com")
    assert len(mailbox.deliver()) == 40


def test_the_outbox_holds_no_key_that_is_the_same_for_two_mails_of_one_mailbox(
    petition: Petition, mailbox: Mailbox
) -> None:
    for one in (petition, factories.make_petition()):
        sign(one, HOME, 1)
        Client(REMOTE_ADDR=HOME).post(page_of(one, "my_signature_request"), {"email": ADDRESS})
    columns = query(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'signatures_outgoingmail'"
        " AND data_type = 'bytea'"
    )
    assert {name for (name,) in columns} == {"address_encrypted", "secret_encrypted"}
    rows = list(OutgoingMail.objects.values_list("address_encrypted", "email_keys"))
    assert len({bytes(address) for address, _ in rows}) == 4
    keys_stored = [bytes(key) for _, found in rows for key in found or []]
    assert len(set(keys_stored)) == len(keys_stored) == 2


@pytest.mark.django_db(transaction=True)
def test_no_key_that_counts_mails_reaches_the_write_ahead_log() -> None:
    petition = factories.make_petition()
    addresses = [f"{number}@example.org" for number in range(5)]
    for address in addresses:
        request_my_signature(petition=petition, language="en", address=address, sender="000")
    assert len(claim_batch().rows) == 5
    Suppression.objects.create(mail_key=b"control" * 4)
    counted = {bytes(key) for (key,) in query("SELECT key FROM signatures_mailcount")}
    for address in addresses:
        counters = counters_for(petition, MailKind.MY_SIGNATURE, address=address, sender="000")
        assert {counter.key for counter in counters} <= counted
    deadline, log = time.monotonic() + 10, b""
    # Without waiting for the disk, as the tests' server works, the log is written a moment later.
    while b"control" * 4 not in log and time.monotonic() < deadline:
        log = b"".join(path.read_bytes() for path in log_folder().iterdir() if path.is_file())
    # The search finds what is written there, such as the keys that count people; a page's end may cut one in two.
    assert sum(keys.email_keys(petition.pk, address)[0] in log for address in addresses) >= 3
    assert not [key for key in counted if key in log]
    assert not [address for address in addresses if keys.mail_key(address) in log]


def test_the_pages_say_what_becomes_of_a_mail_over_the_limit(petition: Petition, visitor: Client) -> None:
    page = words(read(visitor, page_of(petition, "sent")))
    assert "one that is over the limit waits until the next day" in page
