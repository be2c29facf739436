"""The data for the list of petitions."""

from __future__ import annotations

import pytest

from signatures.models import Petition
from signatures.publishing.petition_list import petition_cards
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.releases import release, sign_hidden

pytestmark = pytest.mark.django_db


def test_a_card_shows_the_newest_published_text_and_the_count_in_its_language(petition: Petition) -> None:
    sign_hidden(petition, 12)
    assert release(petition)
    factories.make_petition(publish=False)
    petition.title_ru = "Новое название"
    petition.save()
    assert [card.title for card in petition_cards("ru").cards] == ["Свободу всем"]
    publish_text(petition=petition, actor=None)
    (card,) = petition_cards("ru").cards
    assert (card.title, card.summary, card.count) == ("Новое название", "Мы просим свободы.", 12)
    assert (card.responsible_body, card.contact) == ("группа", "contact@example.org")
    assert card.url == f"/ru/petitions/{petition.slug}/"
