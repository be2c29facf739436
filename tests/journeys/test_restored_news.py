"""A restored backup mails the news of a petition to nobody who has left since, and none where that was switched off."""

from __future__ import annotations

import pytest
from django.test import Client

from signatures.models import NewsSubscriber, Petition
from tests.support.mailbox import Mailbox
from tests.support.news_mails import (
    ADDRESS,
    mailed,
    make_petition_with_news,
    publish,
    stop_in,
    subscribe,
)
from tests.support.restores import Restore

pytestmark = pytest.mark.django_db


def test_a_restored_backup_writes_to_nobody_who_has_left_since_and_mails_nothing_twice(
    park: Petition, visitor: Client, mailbox: Mailbox, restore: Restore
) -> None:
    subscribe(park, ADDRESS, "stays@example.org")
    publish(park, "First")
    mails = mailed(mailbox)
    publish(park, "Second")

    def leave() -> None:
        assert visitor.post(stop_in(mails[0])).status_code == 200

    restore(leave)
    assert NewsSubscriber.objects.count() == 1
    assert mailed(mailbox) == []
    publish(park, "Third")
    assert [mail["To"] for mail in mailed(mailbox)] == ["stays@example.org"]


def test_a_restored_backup_mails_no_news_where_that_was_switched_off_or_the_protection_raised_since(
    mailbox: Mailbox, restore: Restore
) -> None:
    switched, raised = make_petition_with_news(), make_petition_with_news()
    subscribe(switched)
    subscribe(raised)

    def stop() -> None:
        Petition.objects.filter(pk=switched.pk).update(news_by_mail=False)
        Petition.objects.filter(pk=raised.pk).update(news_by_mail=False, protection="GUARDED")

    restore(stop)
    switched.refresh_from_db()
    raised.refresh_from_db()
    assert (switched.news_by_mail, raised.news_by_mail, raised.protection) == (False, False, "GUARDED")
    assert list(NewsSubscriber.objects.values_list("petition", flat=True)) == [switched.pk]
