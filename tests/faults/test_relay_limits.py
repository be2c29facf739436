"""A mail server that counts over each connection does not hold up the queue; one that refuses us is not pestered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now
from pytest_django import Settings

from signatures.mailing import relaying, smtp
from signatures.mailing.relaying import relay_warnings, try_at_once, watch_relay
from signatures.mailing.sending import Outcome, greet, send_batch
from signatures.mailing.smtp import SmtpTransport
from signatures.models import OutgoingMail, Petition, Relay
from signatures.models.relay import RelayFault, relay_key
from signatures.signing.my_signature import request_my_signature
from tests.support.database import query
from tests.support.faults.failing_mail_server import SILENCE, Behaviour
from tests.support.faults.fake_relays import ask, let_time_pass, serving

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
AMOUNT = 40
PER_CONNECTION = 5


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("MAIL", "421 too many messages in this connection"),
        ("MAIL", "451 4.7.0 Too many messages in one session"),
        ("MAIL", "452 4.5.3 limit reached"),
        ("MAIL", "450 no more"),
        ("MAIL", "503 5.5.1 no more"),
        ("MAIL", "550 Too many messages sent in this session"),
        ("MAIL", ""),
        ("RCPT", "421 4.7.0 too many recipients over this connection"),
        ("RCPT", "452 4.5.3 Error: too many recipients"),
        ("RCPT", "451 no more"),
        ("RCPT", "550 too many recipients"),
        ("RCPT", "550 no more"),
        ("RCPT", ""),
        ("DATA command", "421 no more"),
        ("DATA command", "452 no more"),
        ("DATA command", ""),
        ("DATA", "421 4.7.0 no more"),
        ("DATA", "451 no more"),
        ("DATA", "452 4.3.1 no more"),
        ("DATA", "550 limit of messages per connection"),
        ("DATA", ""),
    ],
)
def test_mails_go_on_over_new_connections_whatever_a_server_says_that_counts(
    petition: Petition, settings: Settings, stage: str, reply: str
) -> None:
    ask(petition, AMOUNT)
    behaviour = Behaviour(per_connection=PER_CONNECTION, replies_then={stage: reply})
    with serving(behaviour, settings) as transport:
        assert send_batch(transport) == Outcome(sent=AMOUNT)
    assert len(behaviour.mails()) == AMOUNT
    assert len(behaviour.names) == AMOUNT // PER_CONNECTION
    assert relay_warnings() == []


def test_a_server_that_says_nothing_any_more_is_left_for_a_new_connection(
    petition: Petition, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(smtp, "END_SECONDS", 0.2)
    ask(petition, AMOUNT)
    behaviour = Behaviour(per_connection=PER_CONNECTION, replies_then={"MAIL": SILENCE})
    with serving(behaviour, settings) as transport:
        assert send_batch(transport) == Outcome(sent=AMOUNT)
    assert len(behaviour.names) == AMOUNT // PER_CONNECTION


def test_a_server_that_will_not_take_back_a_mail_is_connected_to_anew(petition: Petition, settings: Settings) -> None:
    ask(petition, 3)
    behaviour = Behaviour(replies={"RCPT": "550 5.1.1 no such user", "RSET": "421 bye"}, only="1@example.org")
    with serving(behaviour, settings) as transport:
        assert send_batch(transport) == Outcome(sent=2, dropped=1)


def send_all(transport: SmtpTransport) -> int:
    """Send all mails that are due, and return how many there were."""
    sent = 0
    while (outcome := send_batch(transport)).handled:
        sent += outcome.sent
    return sent


def test_a_server_that_refuses_us_is_tried_by_mails_not_tried_before_at_growing_intervals(
    petition: Petition, settings: Settings
) -> None:
    ask(petition, AMOUNT)
    behaviour = Behaviour(replies={"RCPT": "550 5.4.5 Daily user sending limit exceeded."})
    with serving(behaviour, settings) as transport:
        assert send_batch(transport) == Outcome(postponed=relaying.REFUSALS_TO_STOP)
        pauses, tried = [], []
        for _ in range(10):
            assert send_batch(transport) == Outcome()
            pauses.append(query("SELECT extract(epoch FROM retry_at - now())::float FROM signatures_relay")[0][0])
            query("UPDATE signatures_relay SET retry_at = now()")
            # Always some that were not tried before.
            ask(petition, 50, first=1000 + 50 * len(pauses))
            outcome = send_batch(transport)
            tried.append(outcome.postponed)
            assert outcome == Outcome(postponed=outcome.postponed)
        assert pauses == pytest.approx([1, 2, 4, 8, 16, 32, 64, 128, 256, 300], abs=0.1)
        assert tried == [4, 8, 16, 32, 50, 50, 50, 50, 50, 50]
        assert OutgoingMail.objects.filter(attempts_made__gt=1).count() == 0
        # The rest has not been touched, and goes at once when it is over.
        behaviour.replies = {}
        query("UPDATE signatures_relay SET retry_at = now()")
        left = AMOUNT + 500 - relaying.REFUSALS_TO_STOP - sum(tried)
        assert send_all(transport) == left
        assert Relay.objects.get().fault == ""
        # Those that were refused wait for a while yet; that somebody has mended something is told by a new start.
        assert relay_warnings() == [str(RelayFault.QUOTA.label)]
        try_at_once()
        assert send_all(transport) == relaying.REFUSALS_TO_STOP + sum(tried)
    assert relay_warnings() == []


def test_a_mailbox_that_always_fails_stops_nobody_else(petition: Petition, settings: Settings) -> None:
    behaviour = Behaviour(replies={"RCPT": "550 5.7.1 your mails are not wanted here"}, only="0@example.org")
    ask(petition, 1)
    with serving(behaviour, settings) as transport:
        # Nor while it is the only one.
        for _ in range(8):
            query("UPDATE signatures_outgoingmail SET next_attempt_at = now()")
            assert send_batch(transport) == Outcome(postponed=1)
        for number in range(1, 8):
            ask(petition, 1, first=number)
            query("UPDATE signatures_outgoingmail SET next_attempt_at = now()")
            assert send_batch(transport) == Outcome(sent=1, postponed=1)
    assert OutgoingMail.objects.count() == 1


def test_an_international_address_waits_where_the_server_has_stopped_taking_any(
    petition: Petition, settings: Settings
) -> None:
    request_my_signature(petition=petition, language="ru", address="подпись@example.org", sender="000")
    ask(petition, 3)
    behaviour = Behaviour(speaks_utf8=False)
    with serving(behaviour, settings) as transport:
        assert send_batch(transport) == Outcome(sent=3, postponed=1)
        assert relay_warnings() == [str(RelayFault.INTERNATIONAL.label)]
    behaviour.speaks_utf8 = True
    with serving(behaviour, settings) as transport:
        let_time_pass()
        assert send_batch(transport) == Outcome(sent=1)
    assert behaviour.mails()[-1].recipient == "подпись@example.org"


@pytest.mark.parametrize("reply", ["553 5.6.7 no international addresses here", "555 unknown parameter"])
def test_an_international_address_that_is_refused_with_its_sender_holds_up_nobody(
    petition: Petition, settings: Settings, reply: str
) -> None:
    class Half(Behaviour):
        """Says that it takes such addresses, and takes none."""

        def reply(self, stage: str, recipient: str, carried: int = 0) -> str | None:
            return reply if stage == "MAIL" and self.names_utf8 else super().reply(stage, recipient, carried)

        names_utf8 = False

    behaviour = Half()
    request_my_signature(petition=petition, language="ru", address="подпись@example.org", sender="000")
    with serving(behaviour, settings) as transport:
        behaviour.names_utf8 = True
        assert send_batch(transport) == Outcome(postponed=1)
        behaviour.names_utf8 = False
        ask(petition, 3)
        assert send_batch(transport) == Outcome(sent=3)


def test_faults_show_before_anybody_has_signed_and_go_when_they_are_mended(
    petition: Petition, settings: Settings
) -> None:
    behaviour = Behaviour(offers_login=True, replies={"AUTH": "535 5.7.8 no"})
    with serving(behaviour, settings, "smtp://user:password@") as transport:
        greet(transport)
        assert relay_warnings() == [str(RelayFault.LOGIN.label)]
        behaviour.replies = {}
        let_time_pass()
        greet(transport)
        assert relay_warnings() == []
        assert Relay.objects.get().speaks_utf8 is True


def test_another_server_begins_anew(petition: Petition, settings: Settings) -> None:
    ask(petition, 2)
    with serving(Behaviour(replies={"MAIL": "550 no"}), settings) as transport:
        assert send_batch(transport) == Outcome(postponed=1)
        assert send_batch(transport) == Outcome()
    with serving(Behaviour(), settings) as transport:
        assert relay_warnings() == []
        assert send_batch(transport) == Outcome(sent=2)


def test_one_of_several_workers_finds_out_whether_a_pause_is_over(petition: Petition) -> None:
    ask(petition, 1)
    Relay.objects.current_at()
    Relay.objects.update(pauses=1, retry_at=now() - timedelta(minutes=1))
    first, second = watch_relay(), watch_relay()
    assert first is not None
    assert first.is_probe
    assert second is None
    # A worker that dies over it holds up the others for a minute.
    retry_at = Relay.objects.get().retry_at
    assert retry_at is not None
    assert timedelta(seconds=50) < retry_at - now() < timedelta(seconds=70)


def test_what_may_be_our_fault_waits_a_quarter_of_an_hour_at_most(petition: Petition, settings: Settings) -> None:
    ask(petition, 1)
    OutgoingMail.objects.update(attempts_made=12)
    with serving(Behaviour(replies={"RCPT": "550 5.7.1 relaying denied"}), settings) as transport:
        send_batch(transport)
    wait = OutgoingMail.objects.get().next_attempt_at - now()
    assert timedelta(minutes=14) < wait <= timedelta(minutes=15)


def test_another_account_at_a_server_is_another_server(settings: Settings) -> None:
    keys = set()
    for account in ("", "one@", "two:secret@", "two:another@"):
        settings.EMAIL_URL = f"smtp://{account}mail.example.org"
        keys.add(relay_key())
    assert len(keys) == 3
