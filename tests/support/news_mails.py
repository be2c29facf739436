"""Lets people get a petition's news by mail, over the site, and publishes news."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.test import Client

from signatures import tokens
from signatures.mailing.news_mailing import plan_mailing, queue_news
from signatures.mailing.news_wishes import confirm_news
from signatures.models import Petition, Update
from signatures.models.protection import Protection
from signatures.tokens import NewsWish
from tests.support import factories
from tests.support.database import query
from tests.support.mailbox import Mailbox, html_of, paths_in, text_of
from tests.support.page_reading import page_of

ADDRESS = "reader@example.org"


def make_petition_with_news(**values: Any) -> Petition:
    """Return an open petition whose news anybody can get by mail."""
    return factories.make_petition(protection=Protection.ORDINARY, news_by_mail=True, **values)


def ask(visitor: Client, petition: Petition, address: str = ADDRESS, language: str = "en") -> bytes:
    """Ask for the news on the form, and return the page that answers."""
    response = visitor.post(page_of(petition, "news_by_mail", language), {"email": address, "wanted": "on"})
    assert response.status_code == 200, response.content.decode()
    return response.content


def link_in(mail: EmailMessage) -> str:
    """Return the path of the page that confirms the wish."""
    return paths_in(mail)[0]


def stop_in(mail: EmailMessage) -> str:
    """Return the path of the page that ends the mails."""
    return paths_in(mail)[-1]


def subscribe(petition: Petition, *addresses: str, language: str = "en") -> None:
    """Let addresses get the news, as pressing the button in the mail does."""
    for address in addresses or (ADDRESS,):
        confirm_news(wish=NewsWish(petition.pk, language, address))


def token_of(petition: Petition, address: str = ADDRESS) -> str:
    """Return the token of the link that confirms the wish."""
    return tokens.news_token(NewsWish(petition.pk, "en", address))


def publish(petition: Petition, title: str = "The park stays") -> Update:
    """Publish a news item of a petition that mails its news."""
    update = Update.objects.create(
        petition=petition,
        title_en=title,
        title_ru="Парк остаётся",
        body_en="The **council** has agreed.\n\nSee https://example.org/park",
        body_ru="**Совет** согласился.",
        published_at=TransactionNow(),
    )
    plan_mailing(update)
    return update


def mailed(mailbox: Mailbox) -> list[EmailMessage]:
    """Queue what is due, as the worker does, and return the mails that came, by whom they are to."""
    queue_news()
    return sorted(mailbox.deliver(), key=lambda mail: str(mail["To"]))


def let_an_hour_pass() -> None:
    """Let the mails of this hour be those of the hour before."""
    query("UPDATE signatures_newsmailing SET hour = hour - interval '1 hour'")


def without_times(mail: EmailMessage) -> str:
    """Return a mail without what differs in every one: number, boundary, date and tokens."""
    headers = [f"{name}: {value}" for name, value in mail.items() if name not in {"Message-ID", "Date", "Content-Type"}]
    text = "\n".join([*headers, text_of(mail), html_of(mail)])
    return re.sub(r"(news-by-mail|no-mail)/[\w-]+/", r"\1/TOKEN/", text)
