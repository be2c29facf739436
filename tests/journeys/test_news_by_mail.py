"""Getting a petition's news by mail: asking, confirming, being mailed, leaving; nothing joins it to a signature."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.mailing.news_mailing import queue_news
from signatures.mailing.news_wishes import renew_subscribers
from signatures.models import NewsSubscriber, OutgoingMail, Petition, Signature
from signatures.models.choices import PetitionStatus
from signatures.moderating.purging import purge_petition
from tests.support import factories
from tests.support.database import query
from tests.support.environment import FERNET_KEY
from tests.support.mailbox import Mailbox, html_of, paths_in, text_of
from tests.support.news_mails import (
    ADDRESS,
    ask,
    link_in,
    mailed,
    make_petition_with_news,
    publish,
    stop_in,
    subscribe,
    token_of,
    without_times,
)
from tests.support.page_reading import page_of

pytestmark = pytest.mark.django_db


def test_who_asks_after_confirming_and_presses_the_button_gets_what_is_published_then(
    park: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    publish(park, "Before anybody asked")
    assert mailed(mailbox) == []
    thanks = visitor.get(page_of(park, "thanks")).content.decode()
    action = page_of(park, "news_by_mail")
    assert f'action="{action}"' in thanks
    (box,) = re.findall(r'<input[^>]*name="wanted"[^>]*>', thanks)
    assert "checked" not in box
    assert b"news-by-mail" in visitor.get(page_of(park, "updates")).content

    refused = visitor.post(action, {"email": ADDRESS})
    assert refused.status_code == 422
    assert "Tick the box" in refused.content.decode()
    assert OutgoingMail.objects.count() == 0

    assert "Look into your mailbox" in ask(visitor, park).decode()
    (check,) = mailbox.deliver()
    assert check["Subject"] == "Do you want the news by mail? Freedom for all"
    assert "the news of the petition “Freedom for all”" in text_of(check)
    assert NewsSubscriber.objects.count() == 0
    shown = visitor.get(link_in(check))
    assert "Shall we send you the news" in shown.content.decode()
    assert NewsSubscriber.objects.count() == 0
    done = visitor.post(link_in(check))
    assert "Done. You get the news" in done.content.decode()

    assert mailed(mailbox) == []
    publish(park)
    (news,) = mailed(mailbox)
    assert news["Subject"] == "The park stays"
    assert news["To"] == ADDRESS
    assert "The council has agreed.\n\nSee https://example.org/park" in text_of(news).replace("\r\n", "\n")
    assert "<p>The <strong>council</strong> has agreed.</p>" in html_of(news)
    assert "which is run by the group" in text_of(news)
    assert page_of(park, "updates") in paths_in(news)
    assert mailed(mailbox) == []
    assert OutgoingMail.objects.count() == 0


def test_the_mails_come_in_the_language_in_which_somebody_asked(
    park: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    ask(visitor, park, language="ru")
    (check,) = mailbox.deliver()
    assert link_in(check).startswith("/ru/news-by-mail/")
    visitor.post(link_in(check))
    publish(park)
    (news,) = mailed(mailbox)
    assert (news["Subject"], news["Content-Language"]) == ("Парк остаётся", "ru")
    assert "Совет согласился." in text_of(news)
    assert stop_in(news).startswith("/ru/no-news/")


def test_who_gets_the_news_already_is_answered_as_anybody_else_and_mailed_once(
    park: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    first, (mail,) = ask(visitor, park), mailbox.deliver()
    pressed = visitor.post(link_in(mail))
    again = visitor.post(link_in(mail))
    second, (other,) = ask(visitor, park), mailbox.deliver()
    third = visitor.post(link_in(other))
    visitor.post(link_in(mail).replace("/en/", "/ru/"))
    assert first == second
    assert without_times(mail) == without_times(other)
    assert without_token(pressed.content) == without_token(again.content) == without_token(third.content)
    assert NewsSubscriber.objects.count() == 1
    publish(park)
    assert len(mailed(mailbox)) == 1


def without_token(page: bytes) -> str:
    """Return a page without the tokens in the links to its other languages."""
    return re.sub(r"news-by-mail/[\w-]+/", "news-by-mail/TOKEN/", page.decode())


def test_leaving_by_the_link_takes_the_mails_along_that_wait(park: Petition, visitor: Client, mailbox: Mailbox) -> None:
    subscribe(park, ADDRESS, "stays@example.org")
    publish(park, "First")
    first = mailed(mailbox)
    stop = stop_in(first[0])
    assert first[0]["To"] == ADDRESS
    publish(park, "Second")
    assert queue_news() == 2
    asked = visitor.get(stop)
    assert "Shall we send you no more news" in asked.content.decode()
    assert NewsSubscriber.objects.count() == 2
    left = visitor.post(stop)
    assert "Done. You get no more news" in left.content.decode()
    assert visitor.post(stop).content == left.content
    assert NewsSubscriber.objects.count() == 1
    assert [mail["To"] for mail in mailbox.deliver()] == ["stays@example.org"]


def test_a_mail_program_ends_the_news_by_one_click_as_the_headers_say(
    park: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    settings.SITE_ORIGIN = "https://testserver"
    subscribe(park)
    publish(park)
    (news,) = mailed(mailbox)
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = urlsplit(news["List-Unsubscribe"].strip("<>"))
    assert stop.scheme == "https"
    # As such a program does it: no cookie, no origin, no page before.
    program = Client(enforce_csrf_checks=True)
    response = program.post(
        stop.path, b"List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded", secure=True
    )
    assert response.status_code == 200
    assert NewsSubscriber.objects.count() == 0


def test_an_address_that_wants_no_mails_is_sent_neither_the_question_nor_news(
    park: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    page = ask(visitor, park)
    (check,) = mailbox.deliver()
    visitor.post(link_in(check))
    assert visitor.post(stop_in(check)).status_code == 200
    assert ask(visitor, park) == page
    publish(park)
    assert mailed(mailbox) == []
    assert OutgoingMail.objects.count() == 0


def test_links_that_are_cut_off_or_of_another_kind_do_nothing(
    park: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    subscribe(park)
    publish(park)
    (news,) = mailed(mailbox)
    stop, link = stop_in(news), f"/en/news-by-mail/{token_of(park)}/"
    wrong = [stop[:-4] + "/", link[:-4] + "/", stop.replace("no-news", "no-mail"), stop.replace("no-news", "no-alerts")]
    wrong += [link.replace("news-by-mail", "my-signature"), link.replace("news-by-mail", "no-news")]
    for path in wrong:
        assert visitor.post(path).status_code == 404, path
    assert NewsSubscriber.objects.count() == 1


def test_nothing_stored_joins_an_address_to_a_signature_or_to_another_petition(
    park: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.make_signature(park, address=ADDRESS)
    subscribe(park)
    subscribe(make_petition_with_news())
    rows = query("SELECT * FROM signatures_newssubscriber ORDER BY id")
    columns = {
        name
        for (name,) in query(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'signatures_newssubscriber'::regclass AND attnum > 0"
        )
    }
    assert columns == {"id", "petition_id", "address_encrypted", "address_key", "language", "mark"}
    first, second = NewsSubscriber.objects.order_by("pk")
    assert bytes(first.address_key) != bytes(second.address_key)
    assert bytes(first.address_encrypted) != bytes(second.address_encrypted)
    signature = Signature.objects.get()
    assert bytes(signature.email_key or b"")[1:] != bytes(first.address_key)
    stored = b"".join(bytes(cell) for row in rows for cell in row if isinstance(cell, memoryview))
    assert b"reader" not in stored


def test_erasing_the_campaign_erases_who_gets_its_news_and_its_links_store_nobody(
    park: Petition, visitor: Client, mailbox: Mailbox, organiser_client: Callable[[str], Client]
) -> None:
    subscribe(park)
    other = make_petition_with_news()
    subscribe(other)
    link = f"/en/news-by-mail/{token_of(park, 'late@example.org')}/"
    Petition.objects.filter(pk=park.pk).update(status=PetitionStatus.CLOSED)
    park.refresh_from_db()
    publish(park, "It is over")
    assert queue_news() == 1
    page = organiser_client("").get(f"/admin/signatures/petition/{park.pk}/purge/").content.decode()
    assert "Addresses that get the news by mail: 1" in page
    erased = purge_petition(petition=park, reason="over", actor=None)
    assert (erased.subscribers, erased.mails) == (1, 1)
    assert list(NewsSubscriber.objects.values_list("petition", flat=True)) == [other.pk]
    assert mailbox.deliver() == []
    response = visitor.post(link)
    assert response.status_code == 410
    assert "sends no news by mail any more" in response.content.decode()
    assert visitor.get(page_of(park, "news_by_mail")).status_code == 404
    assert NewsSubscriber.objects.count() == 1


def test_addresses_come_under_a_new_key_so_that_the_old_one_can_go(
    park: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    subscribe(park)
    old, new = settings.NEWS_KEYS, [FERNET_KEY.format("x")]
    settings.NEWS_KEYS = [*new, *old]
    # Known by the old key until then.
    subscribe(park)
    assert NewsSubscriber.objects.count() == 1
    renew_subscribers()
    settings.NEWS_KEYS = new
    subscribe(park)
    publish(park)
    assert [mail["To"] for mail in mailed(mailbox)] == [ADDRESS]
    # Whose key is gone stays, and is mailed once it is back.
    settings.NEWS_KEYS = [FERNET_KEY.format("y")]
    renew_subscribers()
    assert NewsSubscriber.objects.count() == 1


def test_other_sites_cannot_press_the_buttons(park: Petition) -> None:
    stranger = Client(
        enforce_csrf_checks=True, headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    )
    for path in (page_of(park, "news_by_mail"), f"/en/news-by-mail/{token_of(park)}/"):
        assert stranger.post(path, {"email": ADDRESS, "wanted": "on"}).status_code == 403, path
    assert OutgoingMail.objects.count() == NewsSubscriber.objects.count() == 0
