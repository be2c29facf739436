"""No mail server holds the queue, by silence or by words without end; and a slow one is not sent a mail twice."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from signatures.mailing import smtp
from signatures.mailing.claiming import CLAIM_LIFETIME, claim_batch, give_back, undo_far_future
from signatures.mailing.relaying import UNKNOWN_BELIEVED
from signatures.mailing.sending import AFTER_SILENCE, BATCH_SECONDS_MAX, Outcome, postpone, send_batch
from signatures.mailing.smtp import SmtpTransport
from signatures.models import BounceCount, OutgoingMail, Petition
from tests.support.database import query
from tests.support.faults.failing_mail_server import SILENCE, Behaviour
from tests.support.faults.fake_relays import ask, queue, serving

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
Speech = Callable[[socket.socket], None]


def endless_lines(client: socket.socket) -> None:
    """Greet without end, a line at a time."""
    while True:
        client.sendall(b"220-wait\r\n")
        time.sleep(0.05)


def endless_line(client: socket.socket) -> None:
    """Greet without end, a byte at a time."""
    while True:
        client.sendall(b"2")
        time.sleep(0.05)


def flood(client: socket.socket) -> None:
    """Say as much as the line carries."""
    while True:
        client.sendall(b"220-wait\r\n" * 1000)


def endless_answer_to_a_recipient(client: socket.socket) -> None:
    """Take everything until a recipient is named."""
    client.sendall(b"220 hello\r\n")
    with client.makefile("rb") as commands:
        for command in commands:
            if command.startswith(b"RCPT"):
                endless_lines(client)
            client.sendall(b"250 yes\r\n")


@contextmanager
def speaking(speech: Speech) -> Iterator[str]:
    """Run a server that says something to each client, and yield its address."""

    def serve() -> None:
        while True:
            try:
                client, _address = server.accept()
            except OSError:
                return
            threading.Thread(target=speak, args=[client], daemon=True).start()

    def speak(client: socket.socket) -> None:
        with closing(client):
            try:
                speech(client)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def test_a_server_that_says_far_too_much_is_left_before_its_time_is_over(petition: Petition) -> None:
    ask(petition, 1)
    with speaking(flood) as url, closing(SmtpTransport(url)) as transport:
        begun = time.monotonic()
        assert send_batch(transport) == Outcome(postponed=1)
        assert time.monotonic() - begun < smtp.TIMEOUT_SECONDS


@pytest.mark.parametrize("speech", [endless_lines, endless_line, endless_answer_to_a_recipient])
def test_a_server_that_never_comes_to_an_end_is_left_and_the_mail_waits(
    petition: Petition, monkeypatch: pytest.MonkeyPatch, speech: Speech
) -> None:
    # Each of its pieces comes in time.
    monkeypatch.setattr(smtp, "MAIL_SECONDS_MAX", 1)
    ask(petition, 1)
    with speaking(speech) as url, closing(SmtpTransport(url)) as transport:
        begun = time.monotonic()
        assert send_batch(transport) == Outcome(postponed=1)
        assert time.monotonic() - begun < smtp.TIMEOUT_SECONDS
    assert OutgoingMail.objects.count() == 1


def test_a_server_that_thinks_long_about_a_mail_gets_it_once(
    petition: Petition, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.3)
    ask(petition, 2)
    behaviour = Behaviour(seconds=0.6)
    with serving(behaviour, settings) as transport:
        assert send_batch(transport) == Outcome(sent=2)
    assert len(behaviour.mails()) == 2


def test_one_that_never_says_what_became_of_a_mail_gets_it_again_after_long(
    petition: Petition, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "END_SECONDS", 0.3)
    ask(petition, 1)
    with serving(Behaviour(seconds=1), settings) as transport:
        assert send_batch(transport) == Outcome(postponed=1)
    mail = OutgoingMail.objects.get()
    assert mail.next_attempt_at - timezone.now() > AFTER_SILENCE - timedelta(minutes=1)


def wake() -> None:
    """Let the waits of all mails pass."""
    query("UPDATE signatures_outgoingmail SET next_attempt_at = now()")


def test_silence_about_recipients_of_one_domain_is_waited_for_twice_a_batch(
    petition: Petition, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.3)
    for number in range(20):
        queue(petition, f"{number}@a{number}.tarpit.org")
    queue(petition, "somebody@example.org")
    behaviour = Behaviour(replies={"RCPT": SILENCE}, only="tarpit.org")
    with serving(behaviour, settings) as transport:
        begun = time.monotonic()
        assert send_batch(transport) == Outcome(sent=1, postponed=20)
        assert time.monotonic() - begun < 4 * 0.3 + 1
        assert [mail.recipient for mail in behaviour.mails()] == ["somebody@example.org"]
        assert set(OutgoingMail.objects.values_list("fault", flat=True)) == {"SILENT"}


def test_silence_about_many_recipients_holds_up_nobody_and_its_end_lets_all_go(
    petition: Petition, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.2)
    for number in range(8):
        queue(petition, f"{number}@tarpit{number}.org")
    behaviour = Behaviour(replies={"RCPT": SILENCE})
    with serving(behaviour, settings) as transport:
        send_batch(transport)
        assert list(OutgoingMail.objects.values_list("fault", flat=True)) == ["SILENT"] * 8
        for number in range(3):
            wake()
            behaviour.only = ".org"
            queue(petition, f"{number}@example.com")
            # One of them at most is waited for.
            assert send_batch(transport) == Outcome(sent=1, postponed=1)
        behaviour.replies.clear()
        wake()
        assert send_batch(transport) == Outcome(sent=1)
        assert send_batch(transport) == Outcome(sent=7)


def test_a_large_provider_that_suddenly_knows_nobody_is_not_believed_for_long_and_shows(
    petition: Petition, settings: Settings
) -> None:
    behaviour = Behaviour(replies={"RCPT": "550 5.1.1 No such user"}, only="@gmail.com")
    with serving(behaviour, settings) as transport:
        for number in range(20):
            queue(petition, f"somebody{number}@gmail.com")
            queue(petition, f"somebody{number}@example.org")
            send_batch(transport)
        assert len(behaviour.mails()) == 20
        assert OutgoingMail.objects.count() == 20 - UNKNOWN_BELIEVED
        assert list(BounceCount.objects.values_list("provider", "kind", "amount")) == [("gmail.com", "PERMANENT", 5)]
        behaviour.replies.clear()
        wake()
        send_batch(transport)
        assert not OutgoingMail.objects.exists()
        # It knows others again: what it says of one is final again.
        behaviour.replies["RCPT"] = "550 5.1.1 No such user"
        queue(petition, "nobody@gmail.com")
        assert send_batch(transport) == Outcome(dropped=1)


def test_no_mail_takes_longer_than_its_claim() -> None:
    assert CLAIM_LIFETIME.total_seconds() > BATCH_SECONDS_MAX + smtp.MAIL_SECONDS_MAX
    assert smtp.TIMEOUT_SECONDS < smtp.END_SECONDS < smtp.MAIL_SECONDS_MAX


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_has_claimed_since_is_not_given_back(petition: Petition) -> None:
    ask(petition, 2)
    late = claim_batch()
    query(
        "UPDATE signatures_outgoingmail SET claimed_until = now() - interval '1 second' WHERE id = %s",
        [late.rows[0].pk],
    )
    again = claim_batch()
    assert [row.pk for row in again.rows] == [late.rows[0].pk]
    postpone(late.rows[0])
    assert give_back(late.rows) == {late.rows[1].pk}
    claimed = dict(OutgoingMail.objects.values_list("pk", "claimed_until"))
    assert claimed == {late.rows[0].pk: again.rows[0].claimed_until, late.rows[1].pk: None}
    assert OutgoingMail.objects.filter(attempts_made=0).count() == 2


def test_what_waits_by_a_clock_that_was_ahead_goes_on_once_it_is_right(petition: Petition, settings: Settings) -> None:
    ask(petition, 3)
    behaviour = Behaviour()
    with serving(behaviour, settings) as transport:
        assert send_batch(transport) == Outcome(sent=3)
        ask(petition, 3, first=3)
        query(
            "UPDATE signatures_outgoingmail SET next_attempt_at = now() + interval '1 year',"
            " claimed_until = now() + interval '1 year', created_at = now() + interval '1 year'"
        )
        query("UPDATE signatures_relay SET retry_at = now() + interval '1 year', taken_at = now() + interval '1 year'")
        assert send_batch(transport) == Outcome()
        undo_far_future()
        assert send_batch(transport) == Outcome(sent=3)


def test_what_waits_rightly_goes_on_waiting(petition: Petition) -> None:
    ask(petition, 2)
    claim = claim_batch()
    postpone(claim.rows[0])
    before = list(OutgoingMail.objects.order_by("pk").values_list("next_attempt_at", "claimed_until", "created_at"))
    undo_far_future()
    assert (
        list(OutgoingMail.objects.order_by("pk").values_list("next_attempt_at", "claimed_until", "created_at"))
        == before
    )
