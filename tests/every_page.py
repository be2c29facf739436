"""A petition that has everything, and the path of every kind of page that anyone can open."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models.functions import Now
from django.test import Client

from signatures import tokens
from signatures.models import Petition, Update
from signatures.safeguarding import keys
from signatures.texts.first_petition import load_first_petition
from signatures.texts.publishing import publish_text
from signatures.tokens import MySignature
from tests import factories
from tests.hand_overs import answer, grow_older, hand_over
from tests.lists import recipient_of
from tests.pages import page_of

PAGES = ("petition", "sent", "thanks", "my_signature_request", "updates", "signers", "ledger", "deliveries")


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

    :param code: of an attempt that waits to be confirmed
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
        "nowhere/",
    ):
        yield f"/{language}/{page}"
