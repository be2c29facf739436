"""How news are mailed: so many an hour, none twice, none of what is taken back; and what organisers see and decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatures.mailing.news_mailing import queue_news
from signatures.mailing.news_wishes import NotOfferedError
from signatures.models import NewsMailing, NewsSubscriber, OutgoingMail, Petition, Update
from signatures.models.choices import MailKind
from signatures.models.protection import Protection
from signatures.restoring.fates import LEFT_OUT_TABLES
from signatures.texts.publishing import publish_text
from signatures.worker import Worker
from tests.support import factories
from tests.support.database import query
from tests.support.desk import change_path, save, shown_form
from tests.support.mailbox import Mailbox, paths_in
from tests.support.news_mails import (
    ADDRESS,
    ask,
    let_an_hour_pass,
    mailed,
    make_petition_with_news,
    publish,
    subscribe,
)
from tests.support.page_reading import page_of

pytestmark = pytest.mark.django_db


def readers(amount: int) -> list[str]:
    """Return so many addresses."""
    return [f"reader-{number:02}@example.org" for number in range(amount)]


def test_no_more_are_mailed_in_an_hour_than_the_setting_says_and_nobody_twice(
    park: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    settings.NEWS_MAILS_PER_HOUR = 4
    other = make_petition_with_news()
    subscribe(park, *readers(6))
    subscribe(other, "other@example.org")
    publish(park)
    publish(other, "Of the other")
    received = [str(mail["To"]) for mail in mailed(mailbox)]
    assert received == readers(4)
    assert mailed(mailbox) == []
    # Who asks while it is being mailed gets what comes next.
    subscribe(park, "late@example.org")
    let_an_hour_pass()
    received += [str(mail["To"]) for mail in mailed(mailbox)]
    let_an_hour_pass()
    assert mailed(mailbox) == []
    assert sorted(received) == sorted([*readers(6), "other@example.org"])


def test_few_wait_in_the_outbox_and_confirmations_go_before_them(
    park: Petition, mailbox: Mailbox, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signatures.mailing.news_mailing.WAITING_MAX", 3)
    subscribe(park, *readers(5))
    publish(park)
    assert queue_news() == 3
    assert queue_news() == 0
    factories.sign(visitor, park, email="signer@example.org")
    mails = mailbox.deliver()
    assert mails[0]["To"] == "signer@example.org"
    assert len(mails) == 4
    assert len(mailed(mailbox)) == 2


def test_the_worker_mails_news_that_organisers_publish_and_schedule(
    park: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    subscribe(park)
    now = Update.objects.create(petition=park, title_en="Now", title_ru="Сейчас", body_en="Text.", body_ru="Текст.")
    later = Update.objects.create(petition=park, title_en="Later", title_ru="Потом", body_en="Text.", body_ru="Текст.")
    page = f"/admin/signatures/update/{now.pk}/publish/"
    assert "it is sent by mail to 1 address too" in organiser.get(page).content.decode()
    assert organiser.post(page, {"action": "now"}).status_code == 302
    at = f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    assert (
        organiser.post(f"/admin/signatures/update/{later.pk}/publish/", {"action": "at", "at": at}).status_code == 302
    )
    assert queue_news in [job for _, job in Worker().jobs]
    assert [mail["Subject"] for mail in mailed(mailbox)] == ["Now"]
    query("UPDATE signatures_update SET published_at = now() WHERE id = %s", [later.pk])
    assert [mail["Subject"] for mail in mailed(mailbox)] == ["Later"]


def test_what_is_taken_back_is_mailed_no_further_and_published_again_not_twice(
    park: Petition, organiser: Client, mailbox: Mailbox, settings: Settings
) -> None:
    settings.NEWS_MAILS_PER_HOUR = 1
    subscribe(park, *readers(3))
    update = publish(park)
    assert [mail["To"] for mail in mailed(mailbox)] == readers(1)
    let_an_hour_pass()
    assert queue_news() == 1
    page = f"/admin/signatures/update/{update.pk}/publish/"
    organiser.post(page, {"action": "back"})
    # Queued, and dropped before it is sent.
    assert mailbox.deliver() == []
    let_an_hour_pass()
    assert mailed(mailbox) == []
    organiser.post(page, {"action": "now"})
    assert [mail["To"] for mail in mailed(mailbox)] == readers(3)[2:]
    let_an_hour_pass()
    assert mailed(mailbox) == []


def test_organisers_switch_it_on_for_an_ordinary_petition_and_see_a_number_and_no_address(
    ordinary: Petition, visitor: Client, organiser: Client, mailbox: Mailbox
) -> None:
    assert visitor.get(page_of(ordinary, "news_by_mail")).status_code == 404
    assert b"news-by-mail" not in visitor.get(page_of(ordinary, "thanks")).content
    form = change_path(ordinary)
    response = save(organiser, form, shown_form(organiser, form) | {"news_by_mail": "on"})
    assert response.status_code == 302, response.content.decode()
    ordinary.refresh_from_db()
    assert ordinary.news_by_mail
    subscribe(ordinary, ADDRESS, "second@example.org")
    page = organiser.get(form).content.decode()
    assert "2 addresses get the news now." in page
    assert ADDRESS not in page
    assert "second@" not in page


def test_a_guarded_petition_cannot_switch_it_on_at_the_desk_in_the_database_or_by_a_raised_protection(
    petition: Petition, organiser: Client
) -> None:
    form = change_path(petition)
    response = save(organiser, form, shown_form(organiser, form) | {"news_by_mail": "on"})
    assert "News by mail is only for petitions whose signers nobody punishes" in response.content.decode()
    with pytest.raises(IntegrityError, match="petition_news_by_mail_allowed"), transaction.atomic():
        Petition.objects.filter(pk=petition.pk).update(news_by_mail=True)
    park = make_petition_with_news()
    with pytest.raises(IntegrityError, match="petition_news_by_mail_allowed"), transaction.atomic():
        Petition.objects.filter(pk=park.pk).update(protection=Protection.GUARDED)
    for one in (petition, factories.make_petition(protection=Protection.ORDINARY)):
        with pytest.raises(NotOfferedError):
            subscribe(one)
        assert Client().get(page_of(one, "news_by_mail")).status_code == 404
    assert NewsSubscriber.objects.count() == 0


def test_raising_the_protection_erases_everybody_with_what_waits_for_them_even_if_it_was_switched_off_before(
    park: Petition, visitor: Client, organiser: Client, mailbox: Mailbox
) -> None:
    subscribe(park, *readers(3))
    publish(park)
    assert queue_news() == 3
    ask(visitor, park)
    form = change_path(park)
    values = {key: value for key, value in shown_form(organiser, form).items() if key != "news_by_mail"}
    assert save(organiser, form, values).status_code == 302
    # Switched off, nothing more is sent; who asked stays.
    assert (OutgoingMail.objects.count(), NewsMailing.objects.count()) == (0, 0)
    assert NewsSubscriber.objects.count() == 3
    assert save(organiser, form, values | {"protection": "GUARDED"}).status_code == 302
    assert NewsSubscriber.objects.count() == 0
    assert query("SELECT count(*) FROM signatures_erasure WHERE about = 'signatures_newssubscriber'") == [(3,)]


def test_switched_on_again_only_what_is_published_from_then_on_is_mailed_and_what_was_scheduled(
    park: Petition, mailbox: Mailbox
) -> None:
    subscribe(park)
    Petition.objects.filter(pk=park.pk).update(news_by_mail=False)
    park.refresh_from_db()
    publish(park, "While it was off")
    Update.objects.create(
        petition=park,
        title_en="Scheduled",
        title_ru="Потом",
        body_en="Text.",
        body_ru="Текст.",
        published_at=timezone.now() + timedelta(days=1),
        is_scheduled=True,
    )
    Petition.objects.filter(pk=park.pk).update(news_by_mail=True)
    park.refresh_from_db()
    assert mailed(mailbox) == []
    publish(park, "Since")
    query("UPDATE signatures_update SET published_at = now() WHERE title_en = 'Scheduled'")
    assert sorted(mail["Subject"] for mail in mailed(mailbox)) == ["Scheduled", "Since"]


def test_nobody_is_added_where_the_published_text_protects_more_than_the_draft(petition: Petition) -> None:
    # No form allows this.
    query("UPDATE signatures_petition SET protection = 'ORDINARY', news_by_mail = true WHERE id = %s", [petition.pk])
    assert Client().get(page_of(petition, "thanks")).content.count(b"news-by-mail") == 0
    with pytest.raises(NotOfferedError):
        subscribe(petition)
    petition.refresh_from_db()
    petition.body_en += " More."
    petition.news_by_mail, petition.protection = False, Protection.GUARDED
    petition.save()
    publish_text(petition=petition, actor=None)
    assert not NewsSubscriber.objects.exists()


def test_a_mail_to_news_readers_says_nothing_of_others_and_waits_in_no_backup(park: Petition, mailbox: Mailbox) -> None:
    subscribe(park, *readers(2))
    publish(park)
    first, second = mailed(mailbox)
    assert readers(2)[1] not in first.as_string()
    assert paths_in(first)[-1] != paths_in(second)[-1]
    assert {"signatures_newsmailing", "signatures_outgoingmail"} <= set(LEFT_OUT_TABLES)


def test_a_mail_with_news_must_name_whom_it_is_to_and_no_other_may(park: Petition) -> None:
    subscribe(park)
    publish(park)
    assert queue_news() == 1
    for changes in ({"subscriber": None}, {"kind": MailKind.NEWS_CHECK}, {"update": None}):
        with pytest.raises(IntegrityError, match="mail_of_news"), transaction.atomic():
            OutgoingMail.objects.update(**changes)


def test_the_privacy_page_says_it_where_a_petition_mails_its_news(petition: Petition, visitor: Client) -> None:
    words = "If you ask for news by mail"
    assert words not in visitor.get("/en/privacy/").content.decode()
    make_petition_with_news()
    assert words in Client().get("/en/privacy/?new").content.decode()
