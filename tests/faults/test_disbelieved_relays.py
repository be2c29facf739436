"""A mail server is believed about a mailbox only while it accepts other mails."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from signatures.mailing.relaying import UNKNOWN_BELIEVED, relay_warnings
from signatures.mailing.sending import Outcome, send_batch
from signatures.models import BounceCount, OutgoingMail, Petition
from signatures.models.choices import BounceKind
from signatures.models.relay import RelayFault
from signatures.signing.my_signature import request_my_signature
from tests.support.database import query
from tests.support.faults.failing_mail_server import Behaviour
from tests.support.faults.fake_relays import ask, let_time_pass, serving

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
AMOUNT = 40
PER_CONNECTION = 5


def test_a_server_that_knows_nobody_is_not_believed(petition: Petition, settings: Settings) -> None:
    ask(petition, AMOUNT)
    behaviour = Behaviour(replies={"RCPT": "550 5.1.1 user unknown in local recipient table"})
    with serving(behaviour, settings) as transport:
        for _ in range(6):
            let_time_pass()
            assert send_batch(transport).dropped == 0
        assert OutgoingMail.objects.count() == AMOUNT
        assert relay_warnings() == [str(RelayFault.UNCLEAR.label)]
        behaviour.replies = {}
        let_time_pass()
        assert send_batch(transport) == Outcome(sent=AMOUNT)


def test_one_that_begins_to_know_nobody_is_believed_five_times(petition: Petition, settings: Settings) -> None:
    behaviour = Behaviour()
    with serving(behaviour, settings) as transport:
        ask(petition, 1)
        assert send_batch(transport) == Outcome(sent=1)
        behaviour.replies = {"RCPT": "550 5.1.1 user unknown in local recipient table"}
        ask(petition, AMOUNT, first=1)
        assert send_batch(transport) == Outcome(dropped=5, postponed=AMOUNT - 5)


def test_a_large_provider_that_knows_nobody_is_believed_five_times_though_others_are_accepted(
    petition: Petition, settings: Settings
) -> None:
    behaviour = Behaviour(replies={"RCPT": "550 5.1.1 user unknown"}, only="@gmail.com")
    with serving(behaviour, settings) as transport:
        ask(petition, 1)
        assert send_batch(transport) == Outcome(sent=1)
        for number in range(UNKNOWN_BELIEVED + 1):
            address = f"somebody{number}@gmail.com"
            request_my_signature(petition=petition, language="en", address=address, sender="000")
            ask(petition, 1)
            assert send_batch(transport).dropped == (1 if number < UNKNOWN_BELIEVED else 0)
    counted = BounceCount.objects.values_list("provider", "kind", "amount")
    assert list(counted) == [("gmail.com", BounceKind.PERMANENT, UNKNOWN_BELIEVED)]


def test_an_unclear_refusal_is_not_believed_while_no_other_is_taken(petition: Petition, settings: Settings) -> None:
    ask(petition, 2)
    behaviour = Behaviour(replies={"RCPT": "550 no"})
    with serving(behaviour, settings) as transport:
        for _ in range(8):
            let_time_pass()
            assert send_batch(transport) == Outcome(postponed=2)
        behaviour.only = "0@example.org"
        let_time_pass()
        assert send_batch(transport) == Outcome(sent=1, postponed=1)
        # The first two refusals after which another one is taken; the third is believed.
        for number, expected in ((2, Outcome(sent=1, postponed=1)), (3, Outcome(sent=1, dropped=1))):
            let_time_pass()
            ask(petition, 1, first=number)
            assert send_batch(transport) == expected


def test_a_server_that_has_taken_nothing_for_a_day_is_not_believed_about_a_mailbox(
    petition: Petition, settings: Settings
) -> None:
    ask(petition, 1)
    behaviour = Behaviour()
    with serving(behaviour, settings) as transport:
        assert send_batch(transport) == Outcome(sent=1)
        behaviour.replies["RCPT"] = "550 5.1.1 No such user"
        for hours, lost in ((23, True), (25, False)):
            ask(petition, 1, first=hours)
            query("UPDATE signatures_relay SET taken_at = now() - make_interval(hours => %s)", [hours])
            assert send_batch(transport) == Outcome(dropped=lost, postponed=not lost)
