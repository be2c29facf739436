"""The letter of a hand-over: in whose name it comes, and what it says to whom."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from signatures.links import absolute
from signatures.models import Delivery, LeadPetitioner, Petition, Recipient
from signatures.models.choices import Profile
from tests.support import factories
from tests.support.hand_overs import download, grow_older, look, prepare
from tests.support.name_lists import recipient_of, rows_in
from tests.support.page_reading import page_of, words
from tests.support.papers import text_of
from tests.support.releases import release, sign_hidden

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition that one has signed with hers."""
    factories.make_signature(petition, name="Аня Ўлашэнка")
    grow_older(petition)
    return recipient_of(petition, "Parliament")


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


def test_nothing_is_said_of_countries_while_fewer_than_ten_have_signed(
    parliament: Recipient, organiser: Client, tmp_path: Path
) -> None:
    petition = parliament.petition
    few = prepare(organiser, parliament, with_document="on")
    assert "Signatures by country" not in letter_of(organiser, few, tmp_path)
    assert "country" not in {row[0] for row in rows_in(download(organiser, few, "totals.csv"))}
    sign_hidden(petition, 9)
    assert release(petition, ago=timedelta(hours=1))
    grow_older(petition)
    enough = prepare(organiser, parliament, with_document="on")
    assert "Signatures by country" in letter_of(organiser, enough, tmp_path)
    assert ["country", "LT", "Lithuania", "10"] in rows_in(download(organiser, enough, "totals.csv"))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_recipient_that_is_given_totals_is_told_of_the_lead_petitioner_only_if_the_organiser_says_so(
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
        assert ("it is from the responsible body alone" in page.split("What it will hold")[1]) == (not is_told)
        delivery = prepare(organiser, recipient, **layout, **more)
        text = letter_of(organiser, delivery, tmp_path)
        for said in ("Alena", "Prague 1", nationality):
            assert (said in text) == is_told, said
        assert {"en": "Yours faithfully, the group", "ru": "С уважением, группа"}[language] in text or is_told


@pytest.mark.parametrize("missing", ["en", "ru"])
def test_a_nationality_is_entered_in_every_language_or_in_none(
    parliament: Recipient, organiser: Client, missing: str
) -> None:
    path = reverse("admin:petition_lead_petitioner", args=[parliament.petition.pk])
    both = {"nationality_en": "Belarusian", "nationality_ru": "гражданка Беларуси"}
    neither = dict.fromkeys(both, "")
    answer = organiser.post(path, {"name": "Alena", "address": "", **both, f"nationality_{missing}": " "})
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert errors == {
        f"nationality_{missing}": [
            "Enter the nationality in every language of the petition, or leave all these fields empty."
        ]
    }
    assert "or leave all these fields empty." in words(answer.content.decode())
    assert not LeadPetitioner.objects.exists()
    for nationality in (neither, both):
        assert organiser.post(path, {"name": "Alena", "address": "", **nationality}).status_code == 302


def test_once_a_recipient_is_given_totals_only_its_letter_does_not_name_the_lead_petitioner_any_more(
    parliament: Recipient, organiser: Client, tmp_path: Path
) -> None:
    LeadPetitioner.objects.create(petition=parliament.petition, name="Alena", address="Prague 1")
    delivery = prepare(organiser, parliament, with_document="on")
    assert "Alena" in letter_of(organiser, delivery, tmp_path)
    Recipient.objects.filter(pk=parliament.pk).update(profile=Profile.TOTALS)
    text = letter_of(organiser, delivery, tmp_path)
    assert "Alena" not in text
    assert "Prague 1" not in text


def test_the_printed_list_holds_the_city_where_it_was_asked_for(
    petition: Petition, organiser: Client, tmp_path: Path
) -> None:
    factories.ask_for_city(petition)
    factories.make_signature(petition, name="Anna Kot", city="Vilnius")
    grow_older(petition)
    delivery = prepare(organiser, recipient_of(petition, "Parliament"), with_document="on")
    said = letter_of(organiser, delivery, tmp_path).replace("\N{NO-BREAK SPACE}", " ")
    assert "Country, City" in said
    assert "Lithuania, Vilnius" in said
