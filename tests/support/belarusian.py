"""A site in Belarusian only, with something of everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.test import Client
from pytest_django import Settings

from signatures.languages import text_in
from signatures.models import Batch, BounceCount, Organiser, Petition, Recipient, Update
from signatures.moderating.batches import make_batch
from signatures.texts.first_petition import load_first_petition
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.every_route import BOUNCE, Site, ask_for_a_list
from tests.support.hand_overs import answer, grow_older, hand_over
from tests.support.mailbox import Mailbox, code_in
from tests.support.offered_languages import offer_languages
from tests.support.photographs import give_picture
from tests.support.releases import release

LANGUAGE = "be"
# In the genitive, as in dates.
MONTHS = (
    *("студзеня", "лютага", "сакавіка", "красавіка", "мая", "чэрвеня"),
    *("ліпеня", "жніўня", "верасня", "кастрычніка", "лістапада", "снежня"),
)
SIGNED_PUBLICLY: Mapping[str, Any] = {
    "country": "BY",
    "visibility": "PUBLIC",
    "reason": "За свабоду",
    "reason_approved": True,
}
UNSEEN_SIGNERS = 13
NEWS: Mapping[str, Any] = {
    "title_be": "Перадалі ў Бруселі",
    "body_be": "**Спіс** у камітэта.",
    "published_at": "2011-03-01T00:00Z",
}
# In the order of the Belarusian alphabet: the dotted letter follows that for Z, and the short one follows the long one.
IN_ORDER = (
    "Алесь Гай",
    "Ева Рэй",
    "Ёла Сад",
    "Зоя Жук",
    "Іван Кот",
    "Кастусь Дуб",
    "Улад Гай",
    "Ўладзь Лось",
    "Фёкла Яр",
)


def speak_belarusian(settings: Settings) -> None:
    """Offer Belarusian and nothing else."""
    offer_languages(settings, LANGUAGE)


def load_petition() -> Petition:
    """Load the first petition in the site's languages."""
    petition = load_first_petition()
    assert petition is not None
    return petition


def fill(petition: Petition, mailbox: Mailbox, organiser: Client) -> Site:
    """Give a petition signers, news, a second text, numbers, an answered hand-over, and a pending attempt."""
    for name in reversed(IN_ORDER):
        factories.make_signature(petition, name=name, language=LANGUAGE, **SIGNED_PUBLICLY)
    for _ in range(UNSEEN_SIGNERS):
        factories.make_signature(petition, country="PL", language=LANGUAGE, visibility="COUNTED")
    assert release(petition)
    Update.objects.create(petition=petition, **NEWS)
    BounceCount.objects.create(**BOUNCE)
    make_batch(rule=Batch(petition=petition, country="PL"), actor=Organiser.objects.earliest("pk"))
    give_picture(petition, alt_be="Людзі з кветкамі")
    ask_for_a_list(petition)
    rewrite(petition, body=f"{text_in(petition, 'body', LANGUAGE)}\n\nЯшчэ адзін сказ.")
    publish_text(petition=petition, actor=None)
    grow_older(petition)
    delivery = hand_over(organiser, first_recipient(petition), language=LANGUAGE)
    assert answer(organiser, delivery, reply_be="Мы вас *пачулі*.").status_code == 302
    assert factories.sign(Client(), petition, LANGUAGE, email="a@example.org").status_code == 303
    site = Site(petition, organiser, code_in(mailbox.deliver()[0]))
    site.values["language"] = LANGUAGE
    return site


def rewrite(petition: Petition, **texts: str) -> None:
    """Change texts of the draft."""
    petition.refresh_from_db()
    for name, text in texts.items():
        setattr(petition, f"{name}_{LANGUAGE}", text)
    petition.save()


def first_recipient(petition: Petition) -> Recipient:
    """Return the recipient that gets names."""
    return petition.recipients.order_by("position")[0]
