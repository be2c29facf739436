"""News by mail while much happens at once: nobody is entered twice, mailed twice or forgotten, and limits hold."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial

import pytest
from django.db import transaction
from pytest_django import Settings

from signatures.mailing import news_mailing
from signatures.mailing.news_mailing import queue_news
from signatures.mailing.news_wishes import NotOfferedError, leave_news
from signatures.mailing.sending import send_batch
from signatures.models import NewsSubscriber, OutgoingMail, Petition
from signatures.models.protection import Protection
from tests.support.database import at_once, query
from tests.support.faults.failing_mail_server import Behaviour
from tests.support.faults.fake_relays import serving
from tests.support.mailbox import Mailbox
from tests.support.news_mails import ADDRESS, let_an_hour_pass, mailed, publish, subscribe
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]


def test_a_button_that_is_pressed_many_times_at_once_enters_an_address_once(park: Petition) -> None:
    at_once(*[partial(subscribe, park, ADDRESS)] * 6)
    assert NewsSubscriber.objects.count() == 1


def test_workers_side_by_side_mail_everybody_once_and_keep_the_limit_together(
    park: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    settings.NEWS_MAILS_PER_HOUR = 7
    addresses = [f"reader-{number:02}@example.org" for number in range(12)]
    subscribe(park, *addresses)
    publish(park)
    assert sum(at_once(*[queue_news] * 4)) == 7
    received = Counter(str(mail["To"]) for mail in mailbox.deliver())
    let_an_hour_pass()
    assert sum(at_once(*[queue_news] * 4)) == 5
    received.update(str(mail["To"]) for mail in mailbox.deliver())
    assert received == Counter(addresses)


def test_a_worker_that_ends_while_it_queues_loses_nobody_and_doubles_nobody(
    park: Petition, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(park, "a@example.org", "b@example.org")
    publish(park)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        # At the last statement of the transaction.
        dying.setattr(news_mailing, "_count", die)
        with pytest.raises(KeyboardInterrupt):
            queue_news()
    assert OutgoingMail.objects.count() == 0
    assert [mail["To"] for mail in mailed(mailbox)] == ["a@example.org", "b@example.org"]
    assert mailed(mailbox) == []


@pytest.mark.parametrize("act", ["leaves", "raised"])
def test_whatever_ends_the_news_while_they_are_queued_takes_them_along(park: Petition, act: str) -> None:
    subscribe(park)
    mark = NewsSubscriber.objects.get().mark
    publish(park)
    queued, ended = threading.Event(), threading.Event()

    def queue() -> None:
        with transaction.atomic():
            assert queue_news() == 1
            queued.set()
            assert ended.wait(10)

    def end() -> None:
        assert queued.wait(10)
        if act == "leaves":
            leave_news(mark=mark)
        else:
            Petition.objects.filter(pk=park.pk).update(news_by_mail=False, protection=Protection.GUARDED)

    def let_it_end_once_the_other_waits() -> None:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        wait_until(lambda: query(waiting)[0][0] > 0)
        ended.set()

    at_once(queue, end, let_it_end_once_the_other_waits)
    assert (NewsSubscriber.objects.count(), OutgoingMail.objects.count()) == (0, 0)


def test_who_confirms_while_the_protection_is_raised_is_refused(park: Petition) -> None:
    raised, tried = threading.Event(), threading.Event()

    def raise_protection() -> None:
        with transaction.atomic():
            Petition.objects.filter(pk=park.pk).update(news_by_mail=False, protection=Protection.GUARDED)
            raised.set()
            assert tried.wait(10)

    def confirm() -> None:
        assert raised.wait(10)
        with pytest.raises(NotOfferedError):
            subscribe(park)

    def let_it_end_once_the_other_waits() -> None:
        wait_until(lambda: query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")[0][0] > 0)
        tried.set()

    at_once(raise_protection, confirm, let_it_end_once_the_other_waits)
    assert NewsSubscriber.objects.count() == 0


def test_a_mailbox_that_refuses_for_good_gets_no_news_any_more(park: Petition, settings: Settings) -> None:
    behaviour = Behaviour(replies={"RCPT": "550 5.1.1 No such user"}, only="dead@example.org")
    subscribe(park, "alive@example.org", "dead@example.org", "well@example.org")
    publish(park)
    with serving(behaviour, settings) as transport:
        queue_news()
        while send_batch(transport).handled:
            pass
    assert {mail.recipient for mail in behaviour.mails()} == {"alive@example.org", "well@example.org"}
    assert NewsSubscriber.objects.count() == 2
