"""Whoever names dead mailboxes, in whatever words they are refused, holds up nobody else's mail for long."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from signatures.mailing.claiming import claim_batch
from signatures.mailing.relaying import relay_warnings
from signatures.mailing.sending import Outcome, send_batch
from signatures.mailing.smtp import SmtpTransport
from signatures.models import OutgoingMail, Petition, Relay
from signatures.models.relay import RelayFault
from signatures.signing.my_signature import request_my_signature
from tests.support.database import query
from tests.support.faults.failing_mail_server import Behaviour
from tests.support.faults.fake_relays import serving

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
DEAD = 200
GOOD = "good@example.org"
A_FEW_MINUTES = timedelta(minutes=5)
LONG = timedelta(hours=1)
VERIFIED = "550 5.1.1 undeliverable address: host mx.example[192.0.2.1] said: "


class DeadMailboxes(Behaviour):
    """Refuses those whose addresses say so."""

    def reply(self, stage: str, recipient: str, carried: int = 0) -> str | None:
        """Return what to answer in place of a yes, to a dead mailbox."""
        return super().reply(stage, recipient, carried) if recipient.startswith("dead") else None


def ask(petition: Petition, *addresses: str) -> None:
    """Queue a mail to each address, behind all that wait."""
    for address in addresses:
        request_my_signature(petition=petition, language="en", address=address, sender="000")


def next_instant() -> datetime | None:
    """Return when something can be done next, by the database's clock, or None where nothing waits."""
    found: datetime | None = query(
        "SELECT greatest((SELECT min(next_attempt_at) FROM signatures_outgoingmail),"
        " (SELECT retry_at FROM signatures_relay))"
    )[0][0]
    return found


def minutes_until_taken(transport: SmtpTransport, behaviour: Behaviour, recipient: str) -> timedelta:
    """Work until the server has taken a mail, let time pass whenever all wait, and return how much has passed."""
    gone = timedelta()
    while recipient not in {mail.recipient for mail in behaviour.mails()}:
        if send_batch(transport).handled:
            continue
        instant = next_instant()
        assert instant is not None
        assert gone < LONG
        wait = max(instant - query("SELECT clock_timestamp()")[0][0], timedelta())
        gone += wait
        query("UPDATE signatures_outgoingmail SET next_attempt_at = next_attempt_at - %s", [wait])
        query("UPDATE signatures_relay SET retry_at = least(retry_at - %s, now())", [wait])
    return gone


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("RCPT", "550 5.7.1 No such user!"),
        ("RCPT", "550 Message was not accepted -- invalid mailbox. Local mailbox is unavailable: user not found"),
        ("DATA", "554 delivery error: dd This user doesn't have a yahoo.example account"),
        ("RCPT", VERIFIED + "550 5.7.1 blocked"),
        # Words of an attacker's server, passed on or not.
        ("RCPT", VERIFIED + "550 5.4.5 Daily user sending limit exceeded."),
        ("RCPT", "550 5.4.5 Daily user sending limit exceeded."),
        ("RCPT", "421 4.7.0 Try again later, closing connection."),
        ("DATA", "554 5.7.1 Message rejected under suspicion of SPAM"),
    ],
)
def test_a_mail_leaves_within_minutes_behind_hundreds_to_dead_mailboxes(
    petition: Petition, settings: Settings, stage: str, reply: str
) -> None:
    behaviour = DeadMailboxes(replies={stage: reply})
    with serving(behaviour, settings) as transport:
        ask(petition, "first@example.org")
        assert send_batch(transport) == Outcome(sent=1)
        ask(petition, *(f"dead@{number}.example" for number in range(DEAD)), GOOD)
        assert minutes_until_taken(transport, behaviour, GOOD) < A_FEW_MINUTES
        assert relay_warnings() != []
        # And once it is taken, nothing pauses.
        relay = Relay.objects.get()
        assert (relay.pauses, relay.retry_at, relay.fault) == (0, None, "")


def test_a_mail_leaves_at_once_behind_any_number_to_domains_of_one_owner(
    petition: Petition, settings: Settings
) -> None:
    behaviour = DeadMailboxes(replies={"RCPT": "550 5.7.1 blocked"})
    with serving(behaviour, settings) as transport:
        ask(petition, *(f"dead@{number}.attacker.example" for number in range(100)), GOOD)
        assert send_batch(transport) == Outcome(postponed=3)
        query("UPDATE signatures_relay SET retry_at = now()")
        # Besides the good one, the first of that owner and two more.
        assert send_batch(transport) == Outcome(sent=1, postponed=3)
        assert Relay.objects.get().pauses == 0


def test_mailboxes_that_are_tried_again_make_no_pause_longer(petition: Petition, settings: Settings) -> None:
    behaviour = DeadMailboxes(replies={"RCPT": "550 5.7.1 blocked"})
    with serving(behaviour, settings) as transport:
        ask(petition, *(f"dead@{number}.example" for number in range(3)))
        assert send_batch(transport) == Outcome(postponed=3)
        for _ in range(10):
            query("UPDATE signatures_outgoingmail SET next_attempt_at = now()")
            query("UPDATE signatures_relay SET retry_at = now()")
            assert send_batch(transport) == Outcome(postponed=3)
        assert Relay.objects.get().pauses == 1
        # One that was not tried yet goes first.
        ask(petition, *(f"live@{number}.example" for number in range(50, 54)))
        query(
            "UPDATE signatures_outgoingmail SET next_attempt_at = now() - id * interval '1 s' WHERE attempts_made > 0"
        )
        query("UPDATE signatures_relay SET retry_at = now()")
        assert send_batch(transport) == Outcome(sent=4)


def test_what_proves_nothing_against_us_lets_others_be_tried_at_once(petition: Petition, settings: Settings) -> None:
    behaviour = Behaviour(replies={"RCPT": "550 5.7.1 blocked"})
    with serving(behaviour, settings) as transport:
        ask(petition, *(f"dead@{number}.example" for number in range(20)))
        assert send_batch(transport) == Outcome(postponed=3)
        behaviour.replies = {"RCPT": "450 4.2.0 later"}
        query("UPDATE signatures_relay SET retry_at = now()")
        assert send_batch(transport) == Outcome(postponed=4)
        assert query("SELECT retry_at <= clock_timestamp() FROM signatures_relay") == [(True,)]
        behaviour.replies = {}
        assert send_batch(transport) == Outcome(sent=4)
        assert send_batch(transport) == Outcome(sent=9)


def test_a_server_that_refuses_everybody_at_the_recipient_pauses_the_queue_and_shows(
    petition: Petition, settings: Settings
) -> None:
    behaviour = Behaviour(replies={"RCPT": "550 5.7.1 Service refused, blocked"})
    with serving(behaviour, settings) as transport:
        ask(petition, *(f"somebody@{number}.example" for number in range(20)))
        assert send_batch(transport) == Outcome(postponed=3)
        assert send_batch(transport) == Outcome()
        assert relay_warnings() == [str(RelayFault.POLICY.label)]
        query("UPDATE signatures_relay SET retry_at = now()")
        assert send_batch(transport) == Outcome(postponed=4)
        assert query("SELECT retry_at > now() + interval '1 s', pauses FROM signatures_relay") == [(True, 2)]


def test_a_mail_that_one_worker_sends_ends_the_pause_that_another_has_begun(
    petition: Petition, settings: Settings
) -> None:
    behaviour = Behaviour()
    with serving(behaviour, settings) as transport:
        ask(petition, "1@example.org", "2@example.org", "3@example.org")

        def should_stop() -> bool:
            if len(behaviour.mails()) == 1:
                query("UPDATE signatures_relay SET pauses = 9, refused_in_row = 3, fault = 'POLICY', retry_at = now()")
            return False

        assert send_batch(transport, should_stop=should_stop) == Outcome(sent=3)
    relay = Relay.objects.get()
    assert (relay.pauses, relay.refused_in_row, relay.retry_at, relay.fault) == (0, 0, None, "")


def test_a_probe_leaves_the_rest_to_others(petition: Petition) -> None:
    ask(petition, *(f"somebody@{number}.example" for number in range(9)))
    assert len(claim_batch(probe=4).rows) == 4
    assert OutgoingMail.objects.all().due().count() == 5
