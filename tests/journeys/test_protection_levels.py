"""How far a petition protects its signers is chosen at the desk, said on its pages, and never lowered."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from pytest_django import Settings

from signatures.models import AuditEntry, Petition
from signatures.models.choices import PetitionStatus
from signatures.models.protection import Protection
from signatures.texts.publishing import publish_text
from signatures.texts.relied_on import consequences
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
)
from tests.support.page_reading import page_of, read, words

LogIn = Callable[[str], Client]
CANNOT = "The protection of a published petition cannot be lowered."
SHARE = re.compile(r'href="(?:https://(?:t\.me|vk\.com|x\.com)|viber:)')
pytestmark = pytest.mark.django_db


def ordinary_petition() -> Petition:
    """Return an open petition for a city park."""
    return factories.make_petition(protection=Protection.ORDINARY)


def choose(client: Client, petition: Petition, level: Protection) -> object:
    """Choose a level on the petition's page at the desk."""
    return save(client, change_path(petition), shown_form(client, change_path(petition)) | {"protection": level.value})


def test_a_new_petition_is_guarded_unless_another_level_is_chosen(organiser: Client) -> None:
    page = " ".join(read(organiser, ADD).split())
    assert re.search(r'<input type="radio" name="protection" value="GUARDED"[^>]* checked>', page)
    assert Petition().protection == Protection.GUARDED
    assert save(organiser, ADD, petition_form(protection="ORDINARY")).status_code == 302
    assert Petition.objects.get().protection == Protection.ORDINARY
    assert save(organiser, ADD, petition_form(protection="NONE", slug="other")).status_code == 200


@pytest.mark.parametrize("page", ["add", "change", "publish"])
def test_the_desk_says_in_words_what_each_level_decides(organiser: Client, petition: Petition, page: str) -> None:
    path = {"add": ADD, "change": change_path(petition), "publish": publish_path(petition)}[page]
    said = words(read(organiser, path))
    for level in [Protection.GUARDED] if page == "publish" else Protection:
        assert str(level.label) in said
        for sentence in consequences(level.rules):
            assert sentence in said


@pytest.mark.parametrize("role", ["Editors", "Moderators"])
def test_whoever_may_not_publish_does_not_decide_protection(
    organiser_client: LogIn, petition: Petition, role: str
) -> None:
    client = organiser_client(role)
    form = petition_form(slug="elsewhere", protection="ORDINARY")
    save(client, ADD, form)
    assert not Petition.objects.filter(protection=Protection.ORDINARY).exists()
    save(client, change_path(petition), form)
    petition.refresh_from_db()
    assert petition.protection == Protection.GUARDED
    if role == "Editors":
        assert "protection" not in shown_form(client, change_path(petition))
        assert str(Protection.GUARDED.label) in words(read(client, change_path(petition)))


def test_before_it_is_published_protection_is_chosen_freely(organiser: Client) -> None:
    draft = factories.make_petition(publish=False)
    for level in (Protection.ORDINARY, Protection.GUARDED, Protection.ORDINARY):
        choose(organiser, draft, level)
        draft.refresh_from_db()
        assert draft.protection == level


def test_once_published_it_is_not_lowered_in_the_form_nor_by_publishing_nor_in_the_database(
    organiser: Client, petition: Petition
) -> None:
    refused = save(
        organiser, change_path(petition), shown_form(organiser, change_path(petition)) | {"protection": "ORDINARY"}
    )
    assert CANNOT in errors_on(refused)
    petition.refresh_from_db()
    assert petition.protection == Protection.GUARDED
    # Two organisers at once, one of whom saves what the other has just published as guarded.
    Petition.objects.update(protection=Protection.ORDINARY)
    page = read(organiser, publish_path(petition))
    assert CANNOT in words(page)
    assert "Publish now" not in page
    assert CANNOT in words(publish(organiser, petition))
    with pytest.raises(ValidationError, match="cannot be lowered"):
        publish_text(petition=petition, actor=None)
    assert [version.protection for version in petition.text_versions.all()] == [Protection.GUARDED]
    with pytest.raises(IntegrityError, match="cannot be lowered"):
        petition.text_versions.create(
            number=2, digest="0" * 64, canonical_json="", protection="ORDINARY", asks_city=False, contact="a@b.example"
        )


def test_raising_it_is_told_as_a_change_and_a_draft_that_was_raised_may_be_taken_back(organiser: Client) -> None:
    petition = ordinary_petition()
    choose(organiser, petition, Protection.GUARDED)
    choose(organiser, petition, Protection.ORDINARY)
    assert "Nothing has changed since version 1." in words(read(organiser, publish_path(petition)))
    choose(organiser, petition, Protection.GUARDED)
    page = read(organiser, publish_path(petition))
    assert "What signers rely on changes" in words(page)
    assert f"<del>{Protection.ORDINARY.label}</del> <ins>{Protection.GUARDED.label}</ins>" in page
    assert page.count("The words stay the same.") == 2
    assert factories.newest_version(petition).rules == Protection.ORDINARY.rules
    assert publish(organiser, petition).status_code == 302
    assert factories.newest_version(petition).rules == Protection.GUARDED.rules
    assert AuditEntry.objects.latest("id").details["number"] == 2
    assert CANNOT in errors_on(
        save(
            organiser, change_path(petition), shown_form(organiser, change_path(petition)) | {"protection": "ORDINARY"}
        )
    )
    shown = read(Client(), page_of(petition) + "text/2/")
    assert f"<del>{Protection.ORDINARY.label}</del> <ins>{Protection.GUARDED.label}</ins>" in shown
    assert f"<ins>{Protection.GUARDED.label}</ins>" not in read(Client(), page_of(petition) + "text/1/")


@pytest.mark.parametrize("level", list(Protection))
def test_signers_read_in_one_sentence_what_it_means_for_them(level: Protection) -> None:
    petition = factories.make_petition(protection=level)
    for name in ("petition", "thanks"):
        said = words(read(Client(), page_of(petition, name)))
        assert [other for other in Protection if str(other.rules.told_to_signers) in said] == [level]
    said = words(read(Client(), page_of(petition) + "text/1/"))
    assert all(sentence in said for sentence in consequences(level.rules))


@pytest.mark.parametrize("level", list(Protection))
def test_sharing_stands_where_the_level_says_below_the_notice_of_the_petition(
    level: Protection, settings: Settings
) -> None:
    petition = factories.make_petition(protection=level, sharing_notice_en="Not by post.")
    shares = level.rules.shares_on_page
    page, thanks = (read(Client(), page_of(petition, name)) for name in ("petition", "thanks"))
    assert bool(SHARE.search(page)) == shares
    assert SHARE.search(thanks)
    assert ("Not by post." in words(page)) == shares
    assert thanks.index("Not by post.") < thanks.index("share-links")
    if shares:
        # Quietly, after the form.
        assert page.index("share-links") > page.index('name="consent"')
        assert f"{settings.SITE_ORIGIN}{page_of(petition)}".replace("/", "%2F").replace(":", "%3A") in page
    Petition.objects.update(status=PetitionStatus.CLOSED)
    assert not SHARE.search(read(Client(), page_of(petition)))


def test_the_preview_shows_what_the_draft_would_mean(organiser: Client) -> None:
    petition = ordinary_petition()
    Petition.objects.update(protection=Protection.GUARDED)
    assert str(Protection.GUARDED.rules.told_to_signers) in words(read(organiser, preview_path(petition, "en")))
    assert str(Protection.ORDINARY.rules.told_to_signers) in words(read(Client(), page_of(petition)))
