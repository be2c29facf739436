"""What an editor may write, and how a text is looked at and published without losing what was typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from signatures.models import AuditEntry, Petition
from signatures.models.choices import AuditAction, PetitionStatus, Profile
from tests.support import factories
from tests.support.desk import change_path, publish, publish_path, save, shown_form
from tests.support.page_reading import field_value, read, words

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("field", ["responsible_body_en", "contact"])
def test_an_editor_cannot_take_away_who_is_responsible_either(
    organiser_client: LogIn, petition: Petition, field: str
) -> None:
    editor = organiser_client("Editors")
    form = shown_form(editor, change_path(petition)) | {field: ""}
    assert "whom to write to" in words(save(editor, change_path(petition), form))
    petition.refresh_from_db()
    assert getattr(petition, field)


def test_an_editor_writes_and_leaves_the_course_of_the_petition_to_others(
    organiser_client: LogIn, petition: Petition
) -> None:
    editor = organiser_client("Editors")
    form = shown_form(editor, change_path(petition))
    assert not {"status", "opens_at_0", "closes_at_0", "erase_on"} & set(form)
    course = {"status": "CLOSED", "closes_at_0": "2012-01-01", "closes_at_1": "00:00"}
    assert save(editor, change_path(petition), form | course | {"body_en": "Written anew."}).status_code == 302
    petition.refresh_from_db()
    assert (petition.status, petition.closes_at, petition.body_en) == (PetitionStatus.OPEN, None, "Written anew.")


@pytest.mark.parametrize(
    ("button", "leads_to", "says"),
    [
        ("_publish", "publish/", "Publish the text"),
        ("_preview-en", "preview/en/", "Typed just now."),
        ("_preview-ru", "preview/ru/", "Напечатано только что."),
    ],
)
def test_looking_and_publishing_begin_with_what_was_typed_last(
    organiser: Client, petition: Petition, button: str, leads_to: str, says: str
) -> None:
    typed = {"body_en": "Typed just now.", "body_ru": "Напечатано только что."}
    form = shown_form(organiser, change_path(petition)) | typed | {button: "x"}
    assert f'name="{button}"' in read(organiser, change_path(petition))
    answer = organiser.post(change_path(petition), form, follow=True)
    assert answer.redirect_chain[-1][0].endswith(f"/{petition.pk}/{leads_to}")
    assert says in words(answer.content.decode())
    petition.refresh_from_db()
    assert petition.body_ru == "Напечатано только что."


def test_a_change_that_changes_nothing_is_not_recorded(organiser: Client, petition: Petition) -> None:
    form = shown_form(organiser, change_path(petition)) | {"_preview-en": "x"}
    assert save(organiser, change_path(petition), form).status_code == 302
    assert not AuditEntry.objects.filter(action=AuditAction.PETITION_CHANGED).exists()


def test_before_publishing_it_is_shown_what_changes_in_each_language(organiser: Client, petition: Petition) -> None:
    page = words(read(organiser, publish_path(petition)))
    assert "Nothing has changed since version 1." in page
    assert "Publish now" not in read(organiser, publish_path(petition))
    assert publish(organiser, petition).status_code == 200
    Petition.objects.update(title_en="Freedom for everyone")
    shown = read(organiser, publish_path(petition))
    assert "<ins>everyone</ins>" in shown
    assert "<del>all</del>" in shown
    assert "do not change in every language" in words(shown)
    Petition.objects.update(title_ru="Свободу каждому")
    shown = read(organiser, publish_path(petition))
    assert "<ins>каждому</ins>" in shown
    assert "do not change in every language" not in words(shown)
    assert publish(organiser, petition).status_code == 302
    assert petition.text_versions.count() == 2


@pytest.mark.parametrize(
    ("profile", "sentences"),
    [
        (
            "NAMES",
            {
                "en": "Government: is given names, no longer totals only.",
                "ru": "Правительство: получает имена, а не только итоги.",
            },
        ),
        ("TOTALS", {"en": "The recipients stay the same.", "ru": "Адресаты остаются прежними."}),
    ],
)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_before_publishing_it_is_shown_who_is_given_something_else(
    organiser: Client, petition: Petition, language: str, profile: str, sentences: dict[str, str]
) -> None:
    petition.recipients.filter(name_en="Government").update(profile=profile)
    assert sentences[language] in words(read(organiser, publish_path(petition), **{"accept-language": language}))


def test_new_and_former_recipients_are_named_before_publishing(organiser: Client, petition: Petition) -> None:
    factories.make_recipient(petition, "Court", "Суд")
    factories.make_recipient(petition, "Ministry", "Министерство", Profile.TOTALS)
    page = words(read(organiser, publish_path(petition)))
    assert "Court: new, is given names." in page
    assert "Ministry: new, is given totals only." in page
    assert publish(organiser, petition).status_code == 302
    petition.recipients.filter(name_en="Parliament").update(profile=Profile.TOTALS)
    assert "Parliament: is given totals only, no longer names." in words(read(organiser, publish_path(petition)))


def test_nothing_is_published_but_what_was_shown(organiser: Client, petition: Petition) -> None:
    Petition.objects.update(body_en="What the organiser reads.")
    seen = field_value(read(organiser, publish_path(petition)), "seen")
    Petition.objects.update(body_en="What an editor writes meanwhile.")
    answer = save(organiser, publish_path(petition), {"seen": seen or ""})
    assert "The draft has changed since you looked. Look at it again." in words(answer)
    assert "What an editor writes meanwhile." in words(answer)
    assert petition.text_versions.count() == 1
    assert publish(organiser, petition).status_code == 302
