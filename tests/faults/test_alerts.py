"""Alerts leave through a mail server that fails, once each, and neither wait for signers' mails nor hold these up."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.mailing.alerting import alert_wave, queue_alerts
from signatures.mailing.claiming import claim_batch
from signatures.mailing.relay_alerts import watch_mail_server
from signatures.mailing.sending import Outcome, delete_given_up, send_batch
from signatures.models import AlertNews, AlertWish, MailCount, OutgoingMail, Petition, Relay
from signatures.models.choices import MailKind
from tests.support import factories
from tests.support.alerts import ADDRESS, PATH, let_alerts_grow_old, make_wish
from tests.support.database import at_once, let_mails_grow_old, query
from tests.support.faults.failing_mail_server import Behaviour, mail_server
from tests.support.faults.fake_relays import ask, let_time_pass, queue, serving
from tests.support.page_reading import read, words
from tests.support.waiting import wait_until
from tests.support.worker_process import worker

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.django_db]
REAL = pytest.mark.django_db(transaction=True)
UNKNOWN = "550 5.1.1 <organiser@example.org>: no such user here"
DAY = timedelta(days=1, minutes=1)


def longer_ago(minutes: int = 20) -> None:
    """Let what the mail server did be longer ago."""
    query("UPDATE signatures_relay SET refuses_since = refuses_since - %s", [timedelta(minutes=minutes)])
    let_mails_grow_old(timedelta(minutes=minutes))


@pytest.mark.parametrize("reply", [UNKNOWN, "550 mailbox unavailable"])
def test_a_mailbox_that_refuses_for_good_is_forgotten_and_the_page_says_so(
    ordinary: Petition, settings: Settings, reply: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wish = make_wish()
    behaviour = Behaviour(replies={"RCPT": reply}, only=ADDRESS)
    with serving(behaviour, settings) as transport:
        queue(ordinary, "good@example.com")
        assert send_batch(transport).sent == 1
        alert_wave(ordinary)
        queue_alerts()
        for number in range(4):
            queue(ordinary, f"{number}@example.com")
            let_time_pass()
            send_batch(transport)
    assert not OutgoingMail.objects.exists()
    wish.refresh_from_db()
    assert (wish.address_encrypted, wish.confirmed_at) == (None, None)
    assert wish.refused_at is not None
    let_alerts_grow_old(DAY)
    alert_wave(ordinary)
    assert queue_alerts() == 0
    client = Client()
    client.force_login(wish.organiser)
    assert "Your address was refused on" in words(read(client, PATH))
    assert "example.org" not in caplog.text
    assert "Freedom" not in caplog.text


def test_an_outage_is_told_first_thing_when_it_is_over(petition: Petition, settings: Settings) -> None:
    make_wish()
    behaviour = Behaviour(replies={"MAIL": "451 4.3.0 out of order"})
    with serving(behaviour, settings) as transport:
        ask(petition, 60)
        assert send_batch(transport).sent == 0
        watch_mail_server()
        longer_ago()
        watch_mail_server()
        assert queue_alerts() == 0
        behaviour.replies = {}
        let_time_pass(0)
        # The probe.
        assert send_batch(transport).sent > 0
        watch_mail_server()
        assert queue_alerts() == 1
        taken = len(behaviour.mails())
        assert send_batch(transport).sent > 1
    recipients = [mail.recipient for mail in behaviour.mails()[taken:]]
    assert ADDRESS in recipients
    (alert,) = [mail for mail in behaviour.mails() if mail.recipient == ADDRESS]
    assert "(UTC) the mail server refused the mails of this site. It takes them again." in alert.text
    assert "petition" not in alert.text
    watch_mail_server()
    assert queue_alerts() == 0
    assert AlertNews.objects.filter(told_at__isnull=True).count() == 0


def test_an_outage_that_ended_with_another_server_in_the_settings_is_told_too(
    petition: Petition, settings: Settings
) -> None:
    make_wish()
    with serving(Behaviour(replies={"MAIL": "550 5.7.1 blocked"}), settings) as transport:
        ask(petition, 1)
        send_batch(transport)
        watch_mail_server()
        assert Relay.objects.get().refuses_since is not None
    longer_ago()
    with serving(Behaviour(), settings) as transport:
        query("UPDATE signatures_outgoingmail SET next_attempt_at = now()")
        assert send_batch(transport).sent == 1
        watch_mail_server()
        assert queue_alerts() == 1
    assert not Relay.objects.filter(refuses_since__isnull=False).exists()


def test_a_short_outage_is_told_to_nobody(petition: Petition, settings: Settings) -> None:
    make_wish()
    behaviour = Behaviour(replies={"MAIL": "451 4.3.0 out of order"})
    with serving(behaviour, settings) as transport:
        ask(petition, 1)
        send_batch(transport)
        watch_mail_server()
        longer_ago(5)
        behaviour.replies = {}
        let_time_pass(0)
        send_batch(transport)
        watch_mail_server()
    assert queue_alerts() == 0


def test_where_some_mails_are_refused_it_is_told_at_once_and_once_a_day(petition: Petition, settings: Settings) -> None:
    make_wish()
    behaviour = Behaviour(replies={"RCPT": "550 5.7.1 blocked by policy"}, only="@refused.example")
    with serving(behaviour, settings) as transport:
        for number in range(3):
            queue(petition, f"{number}@refused.example")
            send_batch(transport)
            queue(petition, f"{number}@example.com")
            let_time_pass(0)
            assert send_batch(transport).sent == 1
        watch_mail_server()
        assert queue_alerts() == 0
        longer_ago()
        for _ in range(3):
            watch_mail_server()
        assert queue_alerts() == 1
        assert send_batch(transport).sent == 1
        let_alerts_grow_old(timedelta(hours=7))
        watch_mail_server()
        assert queue_alerts() == 0
        let_alerts_grow_old(timedelta(hours=18))
        watch_mail_server()
        assert queue_alerts() == 1
    (alert,) = [mail for mail in behaviour.mails() if mail.recipient == ADDRESS]
    assert "The mail server refuses some mails of this site." in alert.text


def test_alerts_neither_wait_behind_a_flood_nor_take_the_places_of_signers(
    petition: Petition, settings: Settings
) -> None:
    with serving(Behaviour(), settings) as transport:
        ask(petition, 300)
        for number in range(12):
            make_wish(f"organiser-{number}@example.org")
        alert_wave(petition)
        assert queue_alerts() == 12
        counted = set(MailCount.objects.values_list("key", flat=True))
        claimed = claim_batch().rows
        kinds = [row.kind for row in claimed]
        assert kinds == [MailKind.MY_SIGNATURE] * 50 + [MailKind.ALERT] * 5
        # What is counted are those to signers, in counters of their own.
        assert MailCount.objects.count() - len(counted) == len({key for row in claimed for key in row.counted_under})
        assert not [row for row in claimed[50:] if row.counted_under]
        # One that has waited goes first: a batch of slow mails may end before its last ones.
        query("UPDATE signatures_outgoingmail SET created_at = now() - interval '6 minutes' WHERE kind = 'ALERT'")
        kinds = [row.kind for row in claim_batch().rows]
        assert kinds == [MailKind.ALERT] + [MailKind.MY_SIGNATURE] * 50 + [MailKind.ALERT] * 4
        while send_batch(transport).handled:
            pass


def test_a_server_that_refused_is_tried_with_mails_of_signers_and_with_alerts_where_there_are_no_others(
    petition: Petition,
) -> None:
    for number in range(5):
        make_wish(f"organiser-{number}@example.org")
    alert_wave(petition)
    queue_alerts()
    ask(petition, 10)
    assert {row.kind for row in claim_batch(probe=4).rows} == {MailKind.MY_SIGNATURE}
    OutgoingMail.objects.filter(kind=MailKind.MY_SIGNATURE).delete()
    assert {row.kind for row in claim_batch(probe=4).rows} == {MailKind.ALERT}


def test_an_alert_is_given_up_after_48_hours_and_its_news_is_not_told_twice(
    petition: Petition, settings: Settings
) -> None:
    make_wish()
    alert_wave(petition)
    queue_alerts()
    let_mails_grow_old(timedelta(hours=48))
    assert delete_given_up() == 1
    let_alerts_grow_old(timedelta(hours=12))
    assert queue_alerts() == 0
    with serving(Behaviour(), settings) as transport:
        assert send_batch(transport) == Outcome()


@REAL
def test_a_worker_that_is_killed_between_claim_and_deletion_sends_the_same_mail_again_and_no_other() -> None:
    petition = factories.make_petition(protection="ORDINARY")
    make_wish()
    alert_wave(petition)
    post = Behaviour(seconds=60.0)
    with mail_server(post) as url, worker(url) as process:
        wait_until(lambda: len(post.mails()) == 1)
        process.kill()
        assert process.wait() == -9
    assert OutgoingMail.objects.get().claimed_until is not None
    query("UPDATE signatures_outgoingmail SET claimed_until = now()")
    again = Behaviour()
    with mail_server(again) as url, worker(url):
        wait_until(lambda: not OutgoingMail.objects.exists())
    (first,), (second,) = post.mails(), again.mails()
    assert first.message_id == second.message_id
    assert first.text.split("no-alerts/")[0] == second.text.split("no-alerts/")[0]
    assert AlertNews.objects.filter(told_at__isnull=False).count() == 1


@REAL
def test_workers_side_by_side_tell_each_organiser_once() -> None:
    petition = factories.make_petition(protection="ORDINARY")
    for number in range(40):
        make_wish(f"organiser-{number}@example.org")
    alert_wave(petition)
    post = Behaviour(seconds=0.01)
    with mail_server(post) as url, worker(url), worker(url):
        wait_until(lambda: len(post.mails()) >= 40 and not OutgoingMail.objects.exists())
    recipients = [mail.recipient for mail in post.mails()]
    assert sorted(recipients) == sorted(f"organiser-{number}@example.org" for number in range(40))
    assert len({mail.message_id for mail in post.mails()}) == 40


@REAL
def test_rounds_and_waves_at_once_make_one_mail_for_each_organiser() -> None:
    petition = factories.make_petition()
    for number in range(20):
        make_wish(f"organiser-{number}@example.org")

    def work() -> None:
        for _ in range(5):
            alert_wave(petition)
            queue_alerts()

    at_once(*[work] * 4)
    assert OutgoingMail.objects.filter(kind=MailKind.ALERT).count() == 20
    assert AlertNews.objects.count() == 20
    assert AlertWish.objects.filter(alerted_at__isnull=False).count() == 20
