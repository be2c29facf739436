"""The letter of a hand-over: in whose name it comes, and what it says to whom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from signatures.links import absolute
from signatures.models import Delivery, Petition, Recipient
from tests import factories
from tests.hand_overs import download, grow_older, look, prepare
from tests.lists import recipient_of
from tests.pages import page_of, words
from tests.unit.delivering.papers import text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition that one has signed with hers."""
    factories.make_signature(petition, name="Аня Ўлашэнка")
    grow_older(petition)
    return recipient_of(petition, "Parliament")


@pytest.fixture
def organiser(organiser_client: Callable[[str], Client]) -> Client:
    """Return the browser of an organiser."""
    return organiser_client("Organisers")


def letter_of(client: Client, delivery: Delivery, folder: Path) -> str:
    """Return what the PDF of a hand-over says, its blanks folded."""
    path = folder / "petition.pdf"
    path.write_bytes(download(client, delivery, "petition.pdf"))
    return " ".join(text_of(path).split())


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", ["Parliament", "Government"])
def test_it_says_who_is_responsible_where_the_petition_stands_and_where_files_are_checked(
    parliament: Recipient, organiser: Client, name: str, language: str, tmp_path: Path
) -> None:
    petition = parliament.petition
    delivery = prepare(organiser, recipient_of(petition, name), with_document="on", language=language)
    said = letter_of(organiser, delivery, tmp_path)
    assert {"en": "the group", "ru": "группа"}[language] in said
    assert "contact@example.org" in said
    assert f"{absolute(page_of(petition, language=language))} " in said
    assert absolute(page_of(petition, "deliveries", language)) in said


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_recipient_that_is_given_totals_is_told_where_the_lead_petitioner_lives_only_if_the_organiser_says_so(
    parliament: Recipient, organiser: Client, language: str, tmp_path: Path
) -> None:
    petition = parliament.petition
    path = reverse("admin:petition_lead_petitioner", args=[petition.pk])
    petitioner = {"nationality_en": "Belarusian", "nationality_ru": "гражданка Беларуси", "address": "Prague 1"}
    assert organiser.post(path, {"name": "Alena", **petitioner}).status_code == 302
    nationality = petitioner[f"nationality_{language}"]
    government = recipient_of(petition, "Government")
    layout = {"with_document": "on", "language": language}
    for recipient, more, is_told in (
        (parliament, {}, True),
        (government, {}, False),
        (government, {"with_petitioner": "on"}, True),
    ):
        page = words(look(organiser, recipient, **layout, **more))
        assert (f"Alena; {nationality}; Prague 1." in page) == is_told
        assert ("Nationality and address are left out" in page) == (not is_told)
        delivery = prepare(organiser, recipient, **layout, **more)
        text = letter_of(organiser, delivery, tmp_path)
        assert "Alena" in text
        assert ("Prague 1" in text) == is_told
        assert (nationality in text) == is_told
