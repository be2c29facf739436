"""An organiser writes a petition in each of its languages, looks at it, and publishes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client

from signatures.models import AuditEntry, Petition, Recipient, TextVersion
from signatures.models.choices import AuditAction, PetitionStatus, Profile
from signatures.texts.digest import REQUIRED_PARTS, TEXT_PARTS
from tests.support import factories
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
from tests.support.page_reading import page_of, read, words

LogIn = Callable[[str], Client]
PARLIAMENT = ("Parliament", "Парламент", "NAMES")
GOVERNMENT = ("Government", "Правительство", "TOTALS")
pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(organiser: Client) -> Petition:
    """Return a petition that an organiser has just written."""
    form = petition_form(**with_recipients(PARLIAMENT, GOVERNMENT))
    assert save(organiser, ADD, form).status_code == 302
    return Petition.objects.get(slug="freedom")


def test_an_organiser_writes_publishes_and_opens_a_petition(organiser: Client, draft: Petition) -> None:
    assert draft.status == PetitionStatus.DRAFT
    assert (draft.title_en, draft.title_ru) == ("Freedom for all", "Свободу всем")
    assert list(draft.recipients.values_list("name_en", "name_ru", "profile")) == [PARLIAMENT, GOVERNMENT]
    assert 'value="Publish now"' in read(organiser, publish_path(draft))
    for language in ("en", "ru"):
        assert Client().get(page_of(draft, language=language)).status_code == 404
    assert publish(organiser, draft).status_code == 302
    assert Client().get(page_of(draft)).status_code == 404
    form = shown_form(organiser, change_path(draft)) | {"status": "OPEN"}
    assert save(organiser, change_path(draft), form).status_code == 302
    assert "Freedom for all" in read(Client(), page_of(draft))
    assert "Свободу всем" in read(Client(), page_of(draft, language="ru"))
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == [
        AuditAction.PETITION_CHANGED,
        AuditAction.RECIPIENTS_CHANGED,
        AuditAction.TEXT_PUBLISHED,
        AuditAction.PETITION_CHANGED,
    ]
    assert AuditEntry.objects.latest("id").details == {"fields": ["status"]}
    assert not AuditEntry.objects.filter(actor=None).exists()


def test_languages_stand_side_by_side_and_consent_is_proposed_in_each(organiser: Client) -> None:
    page = read(organiser, ADD)
    for name in TEXT_PARTS:
        assert page.index(f'name="{name}_en"') < page.index(f'name="{name}_ru"')
    assert "I consent to this information" in page
    assert 'name="title"' not in page


def test_a_version_holds_all_that_was_put_before_signers(organiser: Client, draft: Petition) -> None:
    publish(organiser, draft)
    version = TextVersion.objects.get()
    assert version.number == 1
    assert {body.language: (body.title, body.summary, body.body, body.consent) for body in version.bodies.all()} == {
        language: tuple(factories.TEXTS[name][place] for name in REQUIRED_PARTS[:4])
        for place, language in enumerate(("en", "ru"))
    }
    assert [(one.recipient.name_en, one.profile) for one in version.recipients.all()] == [
        ("Parliament", "NAMES"),
        ("Government", "TOTALS"),
    ]
    canonical = {
        "petition": "freedom",
        "version": 1,
        "protection": "GUARDED",
        "asks_city": False,
        "contact": draft.contact,
        "bodies": {
            language: {name: factories.TEXTS[name][place] for name in REQUIRED_PARTS}
            for place, language in enumerate(("en", "ru"))
        },
        "recipients": [
            {"name": {"en": english, "ru": russian}, "profile": profile}
            for english, russian, profile in (PARLIAMENT, GOVERNMENT)
        ],
    }
    text = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert version.digest == hashlib.sha256(text.encode()).hexdigest()
    published = AuditEntry.objects.get(action=AuditAction.TEXT_PUBLISHED)
    assert (published.petition, published.target) == (draft, version.pk)
    assert published.details == {"number": 1, "digest": version.digest}


def test_the_next_version_shows_what_has_changed_and_leaves_the_first_as_it_was(
    organiser: Client, draft: Petition
) -> None:
    publish(organiser, draft)
    form = shown_form(organiser, change_path(draft)) | {"title_en": "Freedom now", "status": "OPEN"}
    save(organiser, change_path(draft), form)
    assert "Freedom for all" in read(Client(), page_of(draft))
    assert "version 1" in words(read(organiser, publish_path(draft)))
    publish(organiser, draft)
    assert "Freedom now" in read(Client(), page_of(draft))
    assert [version.bodies.get(language="en").title for version in TextVersion.objects.order_by("number")] == [
        "Freedom for all",
        "Freedom now",
    ]


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        *[
            ({f"{name}_{language}": ""}, f"{label} ({shown}) is empty.")
            for name, label in [
                ("title", "title"),
                ("summary", "summary"),
                ("body", "text"),
                ("consent", "consent statement"),
                ("responsible_body", "responsible body"),
            ]
            for language, shown in [("en", "English"), ("ru", "Русский")]
        ],
        ({"body_ru": " \r\n "}, "text (Русский) is empty."),
        ({"contact": ""}, "The contact is empty."),
        ({"recipients-TOTAL_FORMS": "0"}, "There is no recipient."),
        ({"recipients-0-name_ru": ""}, "A recipient has no name (Русский)."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_published(
    organiser: Client, missing: dict[str, str], sentence: str
) -> None:
    form = petition_form(**with_recipients(PARLIAMENT)) | missing
    assert save(organiser, ADD, form).status_code == 302
    petition = Petition.objects.get()
    page = read(organiser, publish_path(petition))
    assert sentence in words(page)
    assert "Publish now" not in page
    assert sentence in words(publish(organiser, petition))
    assert not TextVersion.objects.exists()
    assert not AuditEntry.objects.filter(action=AuditAction.TEXT_PUBLISHED).exists()


@pytest.mark.parametrize("status", ["OPEN", "CLOSED"])
def test_a_petition_without_a_published_text_stays_a_draft(organiser: Client, status: str) -> None:
    assert save(organiser, ADD, petition_form(status=status)).status_code == 302
    petition = Petition.objects.get()
    assert petition.status == PetitionStatus.DRAFT
    assert 'name="status"' not in read(organiser, change_path(petition))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"closes_at_0": "2010-12-31", "closes_at_1": "00:00"}, "The closing time must be after the opening time."),
        ({"slug": "two words"}, "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
        ({"contact": "nobody"}, "Enter a valid email address."),
    ],
)
def test_what_a_page_could_not_show_is_refused(organiser: Client, wrong: dict[str, str], sentence: str) -> None:
    assert sentence in errors_on(save(organiser, ADD, petition_form(**wrong)))
    assert not Petition.objects.exists()


def test_a_petition_opens_only_with_an_opening_time(organiser: Client, draft: Petition) -> None:
    publish(organiser, draft)
    form = shown_form(organiser, change_path(draft)) | {"status": "OPEN", "opens_at_0": "", "opens_at_1": ""}
    assert "Set the opening time first." in errors_on(save(organiser, change_path(draft), form))


def test_a_preview_shows_the_draft_in_every_language_to_organisers_alone(organiser: Client, draft: Petition) -> None:
    for language, title, name in (("en", "Freedom for all", "Parliament"), ("ru", "Свободу всем", "Парламент")):
        response = organiser.get(preview_path(draft, language))
        page = response.content.decode()
        assert f'<html lang="{language}"' in page
        assert title in page
        assert name in page
        assert '<fieldset class="plain" disabled>' in page
        assert "noindex" in page
        assert "no-store" in response["Cache-Control"]
        assert preview_path(draft, {"en": "ru", "ru": "en"}[language]) in page
    assert organiser.get(preview_path(draft, "de")).status_code == 404
    assert Client().get(preview_path(draft, "en")).status_code == 302
    assert not TextVersion.objects.exists()


def test_a_preview_shows_the_draft_and_not_the_published_text(organiser: Client, petition: Petition) -> None:
    Petition.objects.filter(pk=petition.pk).update(title_en="Not yet said", title="Not yet said")
    assert "Not yet said" in read(organiser, preview_path(petition, "en"))
    assert "Not yet said" not in read(Client(), page_of(petition))


def test_the_address_and_the_recipients_names_are_frozen_by_publishing(organiser: Client, petition: Petition) -> None:
    form = shown_form(organiser, change_path(petition))
    assert "slug" not in form
    assert not [name for name in form if name.startswith(("recipients-0-", "recipients-1-")) and "-name_" in name]
    form |= {"slug": "elsewhere", "recipients-0-name_en": "Another body", "recipients-0-profile": "TOTALS"}
    assert save(organiser, change_path(petition), form).status_code == 302
    slug = petition.slug
    petition.refresh_from_db()
    assert petition.slug == slug
    parliament = petition.recipients.all()[0]
    assert (parliament.name_en, parliament.profile) == ("Parliament", "TOTALS")
    assert "Frozen once it is published: another body is another recipient." in read(organiser, change_path(petition))
    with pytest.raises(IntegrityError, match="a published recipient keeps its names"), transaction.atomic():
        Recipient.objects.filter(pk=parliament.pk).update(name_ru="Другой")


def test_a_recipient_added_later_is_given_nothing_before_it_is_published(organiser: Client, petition: Petition) -> None:
    form = shown_form(organiser, change_path(petition))
    form |= {"recipients-TOTAL_FORMS": "3", "recipients-2-position": "2", "recipients-2-name_en": "Court"}
    form |= {"recipients-2-name_ru": "Суд", "recipients-2-profile": "NAMES"}
    assert save(organiser, change_path(petition), form).status_code == 302
    assert Recipient.objects.get(name_en="Court").profile == Profile.NAMES
    assert "Court" not in read(Client(), page_of(petition))
    publish(organiser, petition)
    assert "Court" in read(Client(), page_of(petition))


@pytest.mark.parametrize("role", ["", "Administrators", "Organisers"])
def test_no_petition_is_deleted_on_the_pages_that_delete_rows_of_lists(
    petition: Petition, draft: Petition, organiser_client: LogIn, role: str
) -> None:
    client = organiser_client(role)
    for one in (petition, draft):
        delete = f"/admin/signatures/petition/{one.pk}/delete/"
        assert client.get(delete).status_code == 403
        assert client.post(delete, {"post": "yes"}).status_code == 403
        action = {"action": "delete_selected", "_selected_action": str(one.pk), "post": "yes"}
        client.post("/admin/signatures/petition/", action)
    assert Petition.objects.count() == 2


def test_a_published_recipient_is_not_deleted_and_an_unpublished_one_is(organiser: Client, petition: Petition) -> None:
    factories.make_recipient(petition, "Court", "Суд")
    form = shown_form(organiser, change_path(petition)) | {"recipients-0-DELETE": "on"}
    save(organiser, change_path(petition), form)
    assert petition.recipients.count() == 3
    form = shown_form(organiser, change_path(petition)) | {"recipients-2-DELETE": "on"}
    save(organiser, change_path(petition), form)
    assert list(petition.recipients.values_list("name_en", flat=True)) == ["Parliament", "Government"]


@pytest.mark.parametrize("status", ["OPEN", "CLOSED"])
def test_a_petition_that_was_public_cannot_be_hidden_from_its_signers(
    organiser: Client, petition: Petition, status: str
) -> None:
    Petition.objects.update(status=status)
    form = shown_form(organiser, change_path(petition)) | {"status": "DRAFT"}
    assert "its signers must find it to withdraw" in words(save(organiser, change_path(petition), form))
    petition.refresh_from_db()
    assert petition.status == status


@pytest.mark.parametrize("field", ["responsible_body_en", "responsible_body_ru", "contact"])
def test_somebody_stays_responsible_for_a_petition_that_is_public(
    organiser: Client, petition: Petition, field: str
) -> None:
    form = shown_form(organiser, change_path(petition)) | {field: ""}
    assert "whom to write to" in words(save(organiser, change_path(petition), form))
    petition.refresh_from_db()
    assert getattr(petition, field)


def test_what_django_itself_logs_of_a_petition_is_its_title(organiser: Client, draft: Petition) -> None:
    assert {entry.object_repr for entry in LogEntry.objects.all()} == {"Freedom for all"}
