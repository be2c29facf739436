"""What the desk asks of a petition in English alone, and what leaves the house of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from signatures.models import LeadPetitioner, Petition, Recipient, Update
from signatures.models.choices import Profile
from tests.support import factories
from tests.support.database import query, refuses
from tests.support.desk import (
    ADD,
    change_path,
    errors_on,
    petition_form,
    preview_path,
    publish,
    publish_path,
    save,
    shown_form,
    with_recipients,
)
from tests.support.hand_overs import (
    answer,
    checklist_path,
    delivery_path,
    grow_older,
    hand_over,
    manifest_of,
    package_of,
    prepare,
    texts_in,
    unpacked,
)
from tests.support.name_lists import export_path, recipient_of
from tests.support.page_reading import page_of, read, words

pytestmark = pytest.mark.django_db
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
IN_RUSSIAN = re.compile(r'name="(\w+_ru)"')


@pytest.fixture
def english(db: None) -> Petition:
    """Return an open petition in English alone."""
    return factories.make_petition(languages=["en"])


def english_form(**values: Any) -> dict[str, Any]:
    """Return a filled-in form for a new petition in English alone."""
    form = petition_form(languages=["en"], **with_recipients(("Parliament", "", "NAMES")), **values)
    return {name: "" if name.endswith("_ru") else value for name, value in form.items()}


def test_a_petition_is_written_and_published_in_the_languages_that_are_chosen(organiser: Client) -> None:
    assert save(organiser, ADD, english_form()).status_code == 302
    petition = Petition.objects.get()
    assert petition.languages == ["en"]
    page = words(read(organiser, publish_path(petition)))
    assert "is empty" not in page
    assert "Preview: English" in page
    assert "Preview: Русский" not in page
    assert publish(organiser, petition).status_code == 302
    version = factories.newest_version(petition)
    assert (version.languages, version.bodies.count()) == (["en"], 1)
    assert read(organiser, preview_path(petition, "en"))
    assert organiser.get(preview_path(petition, "ru")).status_code == 404
    assert save(organiser, change_path(petition), shown_form(organiser, change_path(petition)) | {"status": "OPEN"})
    assert "Freedom for all" in read(Client(), page_of(petition))


def test_what_is_missing_in_one_of_its_languages_is_said_and_of_no_other(organiser: Client) -> None:
    assert save(organiser, ADD, english_form() | {"languages": ["ru", "en"]}).status_code == 302
    petition = Petition.objects.get()
    assert petition.languages == ["en", "ru"]
    said = words(read(organiser, publish_path(petition)))
    assert "title (Русский) is empty." in said
    assert "A recipient has no name (Русский)." in said
    assert "(English)" not in said
    publish(organiser, petition)
    assert not petition.text_versions.exists()


@pytest.mark.parametrize("languages", [[], ["de"]])
def test_a_petition_without_a_language_or_with_an_unknown_one_is_not_saved(
    organiser: Client, languages: list[str]
) -> None:
    refused = save(organiser, ADD, petition_form() | {"languages": languages})
    assert errors_on(refused)
    assert not Petition.objects.exists()


def test_the_desk_has_columns_for_the_languages_of_the_site_alone(
    english: Petition, organiser: Client, settings: Settings
) -> None:
    news = reverse("admin:signatures_update_add")
    for path in (change_path(english), ADD, news):
        assert IN_RUSSIAN.search(read(organiser, path)), path
    settings.LANGUAGES = [("en", "English")]
    for path in (change_path(english), ADD, news):
        page = read(organiser, path)
        assert not IN_RUSSIAN.search(page), path
        assert 'name="title_en"' in page
    assert re.findall(r'name="languages" value="(\w+)"', read(organiser, ADD)) == ["en"]
    # One that the site has stopped offering is not lost by saving something else.
    both = factories.make_petition()
    form = shown_form(organiser, change_path(both)) | {"goal": "500"}
    assert save(organiser, change_path(both), form).status_code == 302
    both.refresh_from_db()
    assert (both.goal, both.languages, both.title_ru) == (500, ["en", "ru"], "Свободу всем")


def test_a_new_language_asks_for_the_names_of_recipients_in_it_and_leaves_the_published_ones_alone(
    english: Petition, organiser: Client
) -> None:
    form = shown_form(organiser, change_path(english))
    assert {name for name in form if name.startswith("recipients-0-name")} == {"recipients-0-name_ru"}
    texts = {f"{name}_ru": russian for name, (_english, russian) in factories.TEXTS.items()}
    names = {"recipients-0-name_ru": "Парламент", "recipients-1-name_ru": "Правительство"}
    saved = save(organiser, change_path(english), form | texts | names | {"languages": ["en", "ru"]})
    assert saved.status_code == 302
    changes = words(read(organiser, publish_path(english)))
    assert "Languages of the text English English, Русский" in changes
    assert "Русский The text that is published now is not in this language." in changes
    assert "do not change in every language" not in changes
    assert publish(organiser, english).status_code == 302
    for column in ("name_en", "name_ru"):
        refuses(f"UPDATE signatures_recipient SET {column} = 'x'", by="keeps its names")  # noqa: S608
    shown = shown_form(organiser, change_path(english))
    assert not [name for name in shown if name.startswith("recipients-0-name")]


def test_an_organiser_in_another_language_can_change_what_a_published_recipient_is_given(
    petition: Petition, organiser: Client
) -> None:
    query("UPDATE signatures_organiser SET language = 'ru'")
    form = shown_form(organiser, change_path(petition)) | {"recipients-0-profile": "TOTALS"}
    assert save(organiser, change_path(petition), form).status_code == 302
    changed = recipient_of(petition, "Parliament")
    assert (changed.profile, changed.name_ru) == (Profile.TOTALS, "Парламент")


def test_news_are_published_in_every_language_of_the_petition_and_no_other(
    english: Petition, petition: Petition, organiser: Client
) -> None:
    path = reverse("admin:signatures_update_add")
    news = {"title_en": "News", "title_ru": "", "body_en": "Something.", "body_ru": ""}

    def publish_one_of(of: Petition) -> HttpResponse:
        assert save(organiser, path, news | {"petition": str(of.pk)}).status_code == 302
        return save(organiser, reverse("admin:update_publish", args=[of.updates.get().pk]), {"action": "now"})

    assert "Fill in every language of the petition first" in words(publish_one_of(petition))
    Update.objects.all().delete()
    assert publish_one_of(english).status_code == 302
    assert Update.objects.get().published_at is not None
    assert "News" in read(Client(), page_of(english, "updates"))
    # Told in its own language on the pages of a language that the petition has got since.
    query("UPDATE signatures_update SET petition_id = %s", [petition.pk])
    page = read(Client(), page_of(petition, "updates", "ru"))
    assert '<h2 lang="en">News</h2>' in page
    assert '<div class="prose" lang="en"><p>Something.</p>' in page
    assert "News" in read(Client(), page_of(petition, language="ru"))
    refuses("UPDATE signatures_update SET body_en = ''", by="update_published_in_a_language")


@pytest.fixture
def parliament(english: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition in English that one has signed."""
    factories.make_signature(english, name="Ann Example")
    grow_older(english)
    return recipient_of(english, "Parliament")


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_hand_over_is_in_a_language_that_the_text_does_not_have(
    parliament: Recipient, organiser: Client, tmp_path: Path
) -> None:
    petition = parliament.petition
    for path in (checklist_path(petition), export_path(petition)):
        (choices,) = re.findall(r'<select name="language".*?</select>', read(organiser, path), re.DOTALL)
        assert re.findall(r'value="(\w+)"', choices) == ["en"]
    petitioner = reverse("admin:petition_lead_petitioner", args=[petition.pk])
    assert 'name="nationality_ru"' not in read(organiser, petitioner)
    told = {"name": "Alena", "nationality_en": "Belarusian", "address": "Prague 1"}
    assert organiser.post(petitioner, told).status_code == 302
    assert LeadPetitioner.objects.get().nationality_en == "Belarusian"
    files = unpacked(package_of(organiser, prepare(organiser, parliament, with_document="on", with_workbook="on")))
    assert {name for name in files if name.startswith("petition-1")} == {"petition-1.en.txt", "petition-1.json"}
    assert b"petition-1.en.txt\r\n" in files["README.txt"].replace(b"\n", b"\r\n")
    manifest = manifest_of(files)
    assert manifest["recipient"]["name"] == {"en": "Parliament"}
    assert manifest["petition"]["deliveries"] == [f"http://testserver{page_of(petition, 'deliveries')}"]
    for name, content in files.items():
        if not name.endswith((".sig", ".pem")):
            said = list(texts_in(name, content))
            # The bytes of a PDF say nothing in letters.
            for text in said[:-1] if name.endswith((".pdf", ".xlsx")) else said:
                assert not CYRILLIC.search(text), name
    (letter, _bytes) = texts_in("petition.pdf", files["petition.pdf"])
    assert "Thefulltextfollows." in letter
    assert "Belarusian" in letter


@pytest.mark.django_db(transaction=True)
def test_a_reply_is_entered_in_the_languages_of_the_text(
    parliament: Recipient, organiser: Client, organiser_client: Callable[[str], Client]
) -> None:
    delivery = hand_over(organiser, parliament)
    page = read(organiser, delivery_path(delivery))
    assert 'name="reply_en"' in page
    assert 'name="reply_ru"' not in page
    assert answer(organiser, delivery, reply_ru="").status_code == 302
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reply_en, delivery.reply_ru or "") == ("ANSWERED", "We *heard* you.", "")
    assert "We <em>heard</em> you." in read(Client(), page_of(parliament.petition, "deliveries"))
    refuses("UPDATE signatures_delivery SET reply_en = ''", by="delivery_answer_in_a_language")
