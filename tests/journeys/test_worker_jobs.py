"""The worker as a process: it sends, finishes the mail in hand when told to stop, and shares the work with others."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Max
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from signatures.mailing.transports import FolderTransport
from signatures.models import (
    Attempt,
    BounceCount,
    HourTally,
    MailCount,
    OutgoingMail,
    Petition,
    Relay,
    Tally,
    WorkerBeat,
)
from signatures.models.relay import RelayFault
from signatures.moderating.purging import purge_petition
from signatures.signing.my_signature import request_my_signature
from signatures.worker import Worker
from tests.support import factories
from tests.support.database import query
from tests.support.every_route import fill
from tests.support.faults.failing_mail_server import Behaviour, mail_server
from tests.support.mailbox import Mailbox
from tests.support.waiting import wait_until
from tests.support.worker_process import worker

PATIENCE_SECONDS = 60


def ask(petition: Petition, amount: int) -> None:
    """Queue a mail to each of so many addresses."""
    for number in range(amount):
        request_my_signature(petition=petition, language="en", address=f"{number}@example.org", sender="000")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_told_to_stop_finishes_the_mail_in_hand_and_gives_the_others_back(stop: signal.Signals) -> None:
    ask(factories.make_petition(), 10)
    post = Behaviour(seconds=1.0)
    with mail_server(post) as url, worker(url) as process:
        wait_until(lambda: len(post.mails()) == 2)
        process.send_signal(stop)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert b"Traceback" not in (process.stderr.read() if process.stderr else b"")
    # The second was taken a moment ago and not yet acknowledged when the signal came.
    taken = len(post.mails())
    assert taken in {2, 3}
    assert OutgoingMail.objects.count() == 10 - taken
    assert not OutgoingMail.objects.exclude(claimed_until=None).exists()
    # Nothing is counted that was given back.
    assert MailCount.objects.aggregate(most=Max("amount"))["most"] == taken


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_send_each_mail_once() -> None:
    ask(factories.make_petition(), 150)
    post = Behaviour(seconds=0.01)
    with mail_server(post) as url, ExitStack() as stack:
        workers = [stack.enter_context(worker(url)) for _ in range(3)]
        wait_until(lambda: not OutgoingMail.objects.exists())
        for process in workers:
            process.terminate()
        assert [process.wait(PATIENCE_SECONDS) for process in workers] == [0, 0, 0]
    recipients = [mail.recipient for mail in post.mails()]
    assert sorted(recipients) == sorted(f"{number}@example.org" for number in range(150))
    assert len({mail.message_id for mail in post.mails()}) == 150


@pytest.mark.django_db(transaction=True)
def test_one_round_does_all_that_is_due(
    petition: Petition, visitor: Client, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        factories.sign(visitor, petition)
    for _ in range(2):
        factories.make_signature(petition)
    expired, given_up = OutgoingMail.objects.order_by("id")[:2]
    query("UPDATE signatures_attempt SET expires_at = now() WHERE id = %s", [expired.attempt_id])
    query("UPDATE signatures_outgoingmail SET created_at = now() - interval '49 hours' WHERE id = %s", [given_up.pk])
    query("INSERT INTO signatures_ratelimit VALUES ('old', 1, now() - interval '1 hour')")
    MailCount.objects.create(key=b"x", ends_at="2011-01-01T00:00Z", amount=1)
    WorkerBeat.objects.create(worker="00000000-0000-0000-0000-000000000000", beat_at="2011-01-01T00:00Z")
    call_command("work", "--once")
    assert capsys.readouterr().out.endswith("mails handled: 1\n")
    assert len(mailbox.messages()) == 1
    assert OutgoingMail.objects.count() == 0
    assert Attempt.objects.count() == 2
    assert not query("SELECT FROM signatures_ratelimit WHERE key = 'old'")
    assert not MailCount.objects.filter(key=b"x").exists()
    assert WorkerBeat.objects.count() == 1
    sums = [(row.kind, row.amount) for row in Tally.objects.order_by("kind")]
    assert sums[0] == ("CONFIRMED", 2)
    assert HourTally.objects.get(kind="CONFIRMED").amount == 2


@pytest.mark.django_db(transaction=True)
def test_each_job_has_its_time(petition: Petition, mailbox: Mailbox) -> None:
    one = Worker()
    one.round()
    factories.make_signature(petition)
    factories.make_signature(petition)
    one.round()
    assert Tally.objects.count() == 2
    one.due = [0.0] * len(one.due)
    one.round()
    assert Tally.objects.count() == 1
    assert WorkerBeat.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_every_job_does_its_work_where_there_is_something_of_everything_and_a_campaign_is_over(
    petition: Petition, mailbox: Mailbox, organiser_client: Callable[[str], Client]
) -> None:
    over = factories.make_petition()
    factories.make_signature(over)
    Petition.objects.filter(pk=over.pk).update(status="CLOSED")
    fill(petition, mailbox, organiser_client(""))
    purge_petition(petition=over, reason="over", actor=None)
    one = Worker()
    for _ in range(2):
        one.due = [0.0] * len(one.due)
        one.round()
    assert WorkerBeat.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_others_read_is_on_the_disk_before_and_only_sending_mails_does_not_wait(
    petition: Petition, tmp_path: Path
) -> None:
    seen: list[str] = []

    class Noting(FolderTransport):
        def send(self, message: EmailMessage) -> None:
            seen.append(setting())

    def setting() -> str:
        found: str = query("SHOW synchronous_commit")[0][0]
        return found

    ask(petition, 1)
    one = Worker()
    one.transport = Noting(tmp_path)
    one.jobs, one.due = [(0, lambda: seen.append(setting()))], [0.0]
    one.round()
    one.round()
    assert seen == ["on", "off", "on"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_looks_at_the_mail_server_and_tries_at_once_what_was_refused(settings: Settings) -> None:
    ask(factories.make_petition(), 2)
    OutgoingMail.objects.update(fault=RelayFault.QUOTA, next_attempt_at=now() + timedelta(hours=1))
    post = Behaviour()
    with mail_server(post) as settings.EMAIL_URL:
        worker = Worker()
        worker.round()
        worker.transport.close()
    assert len(post.mails()) == 2
    assert Relay.objects.get().speaks_utf8 is True


@pytest.mark.django_db(transaction=True)
def test_a_worker_deletes_old_counts_of_mails_that_came_back(mailbox: Mailbox) -> None:
    today = now().astimezone(UTC).date()
    for age in (30, 100):
        BounceCount.objects.create(day=today - timedelta(days=age), provider="", kind="PERMANENT", amount=1)
    Worker().round()
    assert BounceCount.objects.get().day == today - timedelta(days=30)
