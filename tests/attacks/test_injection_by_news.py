"""What is typed to get news by mail is text, and so are news in a mail, whoever wrote them."""

from __future__ import annotations

import re
from email.message import EmailMessage

import pytest
from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from signatures.mailing.news_mailing import plan_mailing
from signatures.models import OutgoingMail, Update
from tests.support.attacks.hostile_values import PAYLOADS, does_nothing, harmless
from tests.support.mailbox import Mailbox, html_of
from tests.support.news_mails import ADDRESS, mailed, make_petition_with_news, stop_in, subscribe
from tests.support.page_reading import page_of

pytestmark = pytest.mark.django_db
FRAME = (settings.BASE_DIR / "templates/mail/frame.html").read_text()
OUR_STYLE = FRAME[FRAME.index("<style>") : FRAME.index("</style>") + len("</style>")]


@pytest.fixture(autouse=True)
def _no_limits(settings: Settings) -> None:
    settings.FORM_RATES = ["10000/m"]


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_what_is_typed_to_get_news_is_text(payload: str, visitor: Client) -> None:
    form = page_of(make_petition_with_news(), "news_by_mail")
    for asked in (payload, f"{payload}@gmial.com", f"anna@{payload}.con", f"{payload} anna@gmial.com"):
        harmless(visitor.post(form, {"email": asked, "email_choice": asked}), "form for news")
    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_news_in_a_mail_are_text_and_reach_nobody_else(payload: str, mailbox: Mailbox) -> None:
    park = make_petition_with_news()
    subscribe(park)
    texts = {f"title_{language}": payload[:160] for language in ("en", "ru")}
    texts |= {f"body_{language}": payload for language in ("en", "ru")}
    plan_mailing(Update.objects.create(petition=park, published_at=TransactionNow(), **texts))
    (mail,) = mailed(mailbox)
    does_nothing(as_page(mail), "mail")
    assert (mail.get_all("To"), mail.get_all("Bcc"), mail.get_all("Cc")) == ([ADDRESS], None, None)
    assert stop_in(mail).startswith("/en/no-news/")


def as_page(mail: EmailMessage) -> HttpResponse:
    """Return the HTML of a mail as a page, without the style that every mail begins with."""
    before, style, after = re.split("(<style>.*?</style>)", html_of(mail), maxsplit=1, flags=re.DOTALL)
    assert style.split() == OUR_STYLE.split()
    return HttpResponse(before + after)
