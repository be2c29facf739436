"""A petition with something of everything, and the path of every kind of public page."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.db.models.functions import Now
from django.test import Client, RequestFactory
from django.utils import translation
from pytest_django import Settings

from petition_site import errors
from petition_site.kept_form import KeptField
from signatures import tokens
from signatures.models import Petition, Update
from signatures.models.choices import PetitionStatus
from signatures.safeguarding import keys
from signatures.safeguarding.countries import country_names
from signatures.texts.first_petition import load_first_petition
from signatures.texts.publishing import publish_text
from signatures.tokens import MySignature
from tests.support import factories
from tests.support.hand_overs import answer, grow_older, hand_over
from tests.support.name_lists import recipient_of
from tests.support.news_mails import make_petition_with_news, token_of
from tests.support.page_reading import page_of

PAGES = ("petition", "sent", "thanks", "my_signature_request", "updates", "signers", "ledger", "deliveries")

FAILURES = (400, 403, 404, 405, 410, 413, 429, 500, 503)


def make_full_petition(organiser: Client) -> Petition:
    """Return the first petition with news, public names, reasons, two versions, and an answered hand-over."""
    petition = load_first_petition()
    assert petition is not None
    for number in range(12):
        factories.make_signature(
            petition, visibility="PUBLIC", name=f"Аня Ўлашэнка {number}", reason="За свабоду", reason_approved=True
        )
    Update.objects.create(
        petition=petition,
        title_en="Handed over in Brussels",
        title_ru="Передано в Брюсселе",
        body_en="The **list** lies with the committee.",
        body_ru="**Список** у комитета.",
        published_at=Now(),
    )
    grow_older(petition)
    delivery = hand_over(organiser, recipient_of(petition, "European Parliament, Committee on Petitions"))
    answer(organiser, delivery)
    Petition.objects.filter(pk=petition.pk).update(body_en=f"{petition.body_en}\n\nOne more paragraph.")
    petition.refresh_from_db()
    publish_text(petition=petition, actor=None)
    return petition


def paths(petition: Petition, language: str, code: str) -> Iterator[str]:
    """Return the path of every kind of page in a language, errors included.

    :param code: the code of a pending attempt
    """
    yield from (page_of(petition, name, language) for name in PAGES)
    yield from (page_of(petition, "petition", language) + f"text/{number}/" for number in (1, 2))
    yield f"{page_of(petition, 'deliveries', language)}?digest={'0' * 64}"
    my_signature = MySignature(petition.pk, keys.email_keys(petition.pk, "a@example.org"))
    for page in (
        "",
        "privacy/",
        "accessibility/",
        "confirm/",
        f"confirm/{code}/",
        "confirm/-/",
        f"my-signature/{tokens.my_signature_token(my_signature)}/",
        f"no-mail/{tokens.no_mail_token(keys.mail_key('a@example.org'))}/",
        f"no-alerts/{tokens.no_alerts_token(uuid4())}/",
        f"no-news/{tokens.no_news_token(uuid4())}/",
        "my-signature/-/",
        "no-mail/-/",
        "no-alerts/-/",
        "no-news/-/",
        "news-by-mail/-/",
        "nowhere/",
    ):
        yield f"/{language}/{page}"


def states(petition: Petition, language: str, settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Yield name and HTML of the pages shown after submitting a form or when something is wrong.

    The petition is closed and purged in between, and restored afterwards.
    """
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    rates = settings.FORM_RATES
    for name, response in (*_answers(petition, language, settings, visitor), *_ends(petition, language, visitor)):
        yield name, response.content
    settings.FORM_RATES = rates
    Petition.objects.filter(pk=petition.pk).update(purged_at=None)
    Petition.objects.filter(pk=petition.pk).update(status=PetitionStatus.OPEN)
    with translation.override(language):
        labels = [translation.gettext(label) for label in ("Name", "Country")]
    belarus = country_names(language)["BY"]
    kept = [KeptField("name", '"><b>', labels[0]), KeptField("country", "BY", labels[1], belarus)]
    for status in FAILURES:
        for path in (f"/{language}/x/", "/x/"):
            request = RequestFactory().get(path)
            page = errors.error_page(
                request, status, kept_fields=kept if status == HTTPStatus.SERVICE_UNAVAILABLE else None
            )
            yield f"{status} {path}", page.content


def _answers(petition: Petition, language: str, settings: Settings, visitor: Client) -> Iterator[tuple[str, Any]]:
    hostile = {"name": '"><script>&', "visibility": "PUBLIC", "email": "a@", "consent": ""}
    yield "mistakes", factories.sign(visitor, petition, language, **hostile)
    slip = {"email": f"{'a-long-name-' * 5}x@gmial.com"}
    yield "a slip asked about", factories.sign(visitor, petition, language, **slip)
    yield "an unknown ending asked about", factories.sign(visitor, petition, language, email="a@example.newending")
    yield "no address, and what was meant", factories.sign(visitor, petition, language, email="a@gmail,com")
    yield "text has changed", factories.sign(visitor, petition, language, version="1")
    ask = page_of(petition, "my_signature_request", language)
    yield "mistakes in address", visitor.post(ask, {"email": "a@"})
    yield "link sent", visitor.post(ask, {"email": "a@example.org"})
    subject = MySignature(petition.pk, keys.email_keys(petition.pk, "a@example.org"))
    mine = f"/{language}/my-signature/{tokens.my_signature_token(subject)}/"
    yield "changed", visitor.post(mine, {"action": "COUNTED"})
    yield "withdrawn", visitor.post(mine, {"action": "WITHDRAW"})
    yield "no mails", visitor.post(f"/{language}/no-mail/{tokens.no_mail_token(keys.mail_key('a@example.org'))}/")
    no_alerts = f"/{language}/no-alerts/{tokens.no_alerts_token(uuid4())}/"
    yield "no alerts", visitor.post(no_alerts)
    yield "no news", visitor.post(f"/{language}/no-news/{tokens.no_news_token(uuid4())}/")
    if language in factories.LANGUAGES:
        yield from _about_news(language, visitor)
    settings.FORM_RATES = ["0/m"]
    yield "too many, no alerts", visitor.post(no_alerts)
    yield "too many", factories.sign(visitor, petition, language)
    yield "too many, no mails", visitor.post(f"/{language}/no-mail/{tokens.no_mail_token(b'a mail key')}/")
    without_origin = Client(enforce_csrf_checks=True, headers={"origin": "null"})
    yield "without an origin", factories.sign(without_origin, petition, language)


def _about_news(language: str, visitor: Client) -> Iterator[tuple[str, Any]]:
    """Yield the pages of a petition that mails its news, archived, so that no list shows it."""
    park = make_petition_with_news(archived_at=Now(), status=PetitionStatus.CLOSED)
    form, button = page_of(park, "news_by_mail", language), f"/{language}/news-by-mail/{token_of(park)}/"
    yield "news by mail", visitor.get(form)
    yield "mistakes in the wish for news", visitor.post(form, {"email": "a@"})
    yield "news asked for", visitor.post(form, {"email": "a@example.org", "wanted": "on"})
    yield "news to confirm", visitor.get(button)
    yield "news confirmed", visitor.post(button)
    yield "thanks with news", visitor.get(page_of(park, "thanks", language))
    yield "updates with news", visitor.get(page_of(park, "updates", language))
    Petition.objects.filter(pk=park.pk).update(news_by_mail=False)
    yield "news not mailed any more", visitor.post(button)


def _ends(petition: Petition, language: str, visitor: Client) -> Iterator[tuple[str, Any]]:
    Petition.objects.filter(pk=petition.pk).update(status=PetitionStatus.CLOSED)
    yield "closed when sent", factories.sign(visitor, petition, language)
    yield "closed", Client().get(page_of(petition, language=language))
    Petition.objects.filter(pk=petition.pk).update(purged_at=Now())
    yield "purged", Client().get(page_of(petition, language=language))
    yield "purged, my signature", visitor.get(page_of(petition, "my_signature_request", language))
