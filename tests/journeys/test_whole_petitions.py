"""A petition is copied, its draft deleted, closed with words on what came of it, and taken out of the lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from signatures.admin import course_pages
from signatures.admin.access import acting_on
from signatures.languages import Language
from signatures.models import AuditEntry, Batch, Membership, Petition, Recipient, Update
from signatures.models.choices import AuditAction, PetitionStatus
from signatures.moderating.batches import make_batch
from signatures.texts.drafts import COPIED_PARTS, SETTINGS, delete_draft
from tests.support import factories
from tests.support.desk import change_path
from tests.support.page_reading import page_of, read, words

LogIn = Callable[[str], Client]
LIST = "/admin/signatures/petition/"
pytestmark = pytest.mark.django_db


def path(petition: Petition, name: str) -> str:
    """Return the path of one of a petition's pages at the desk."""
    return f"{LIST}{petition.pk}/{name}/"


def test_a_copy_has_the_texts_the_recipients_and_the_settings_and_nothing_else(organiser: Client) -> None:
    petition = factories.make_petition(
        goal=500, erase_on="2100-01-01", closes_at="2100-01-01T00:00Z", waiting_words="spam", closing_words_en="Won"
    )
    factories.make_signature(petition)
    Update.objects.create(petition=petition, title_en="News")
    Membership.objects.create(
        petition=petition, organiser=factories.make_organiser("Auditors"), role=factories.role_of("Editors")
    )
    assert "Its dates, address, signatures, news and people stay behind." in words(
        read(organiser, path(petition, "duplicate"))
    )
    answer = organiser.post(path(petition, "duplicate"))
    copy = Petition.objects.latest("pk")
    assert answer["Location"] == change_path(copy)
    petition.refresh_from_db()
    texts = [f"{part}_{language}" for part in COPIED_PARTS for language in Language.values]
    for name in [*texts, *SETTINGS]:
        assert getattr(copy, name) == getattr(petition, name), name
    assert (copy.status, copy.slug) == (PetitionStatus.DRAFT, "freedom-for-all")
    assert {copy.opens_at, copy.closes_at, copy.erase_on, copy.archived_at, copy.purged_at} == {None}
    assert not copy.closing_words_en
    names = ("name_en", "name_ru", "profile", "position")
    assert list(copy.recipients.values_list(*names)) == list(petition.recipients.values_list(*names))
    assert not copy.text_versions.exists()
    assert not copy.signatures.exists()
    assert not copy.updates.exists()
    assert not copy.memberships.exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.petition_id) == (AuditAction.PETITION_CHANGED, copy.pk)
    assert entry.details["copied_from"] == petition.pk
    organiser.post(path(petition, "duplicate"))
    assert Petition.objects.latest("pk").slug == "freedom-for-all-2"


def test_every_field_of_a_petition_is_copied_or_left_behind_on_purpose() -> None:
    left = {"id", "slug", "status", "opens_at", "closes_at", "erase_on", "archived_at", "created_at", "purged_at"}
    # Who wrote to nobody yet decides anew.
    left.add("news_by_mail")
    parts = {*COPIED_PARTS, "closing_words"}
    texts = {*parts, *(f"{part}_{language}" for part in parts for language in Language.values)}
    assert {field.name for field in Petition._meta.concrete_fields} == {*left, *texts, *SETTINGS}


def test_a_draft_is_deleted_with_all_that_belongs_to_it_and_the_log_stays(organiser_client: LogIn) -> None:
    organiser = organiser_client("")
    draft = factories.make_petition(publish=False, slug="mistyped")
    Update.objects.create(petition=draft, title_en="News")
    Membership.objects.create(
        petition=draft, organiser=factories.make_organiser("Auditors"), role=factories.role_of("Editors")
    )
    make_batch(rule=Batch(petition=draft), actor=factories.make_organiser("Moderators"))
    assert "Delete this draft…" in words(read(organiser, change_path(draft)))
    page = words(read(organiser, path(draft, "delete-draft")))
    assert "Recipients: 2" in page
    assert "News written for it: 1" in page
    assert organiser.post(path(draft, "delete-draft"))["Location"] == LIST
    assert "is deleted" in words(read(organiser, LIST))
    assert not Petition.objects.exists()
    assert not Recipient.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.target, entry.details) == (
        AuditAction.PETITION_DELETED,
        draft.pk,
        {"slug": "mistyped"},
    )
    taken = AuditEntry.objects.get(action=AuditAction.RIGHTS_TAKEN)
    assert (taken.petition_id, taken.details["role"]) == (draft.pk, "Editors")
    log = "/admin/signatures/auditentry/"
    for address in (log, f"{log}?petition__id__exact={draft.pk}", f"{log}{entry.pk}/change/"):
        assert "Draft deleted that was never public" in words(read(organiser, address))
    assert organiser.post(path(draft, "delete-draft")).status_code == 404


@pytest.mark.parametrize("status", ["DRAFT", "OPEN", "CLOSED"])
def test_what_was_ever_published_is_never_deleted(organiser: Client, status: str) -> None:
    petition = factories.make_petition(status=status)
    assert "Its text was published: it stays." in words(read(organiser, path(petition, "delete-draft")))
    assert "Its text was published: it stays." in words(organiser.post(path(petition, "delete-draft")).content.decode())
    assert "Delete this draft…" not in words(read(organiser, change_path(petition)))
    with pytest.raises(IntegrityError, match="ever published is not deleted"), transaction.atomic():
        Petition.objects.filter(pk=petition.pk)._raw_delete("default")
    assert Petition.objects.filter(pk=petition.pk).exists()


@pytest.mark.parametrize("role", ["Editors", "Moderators", "Auditors"])
def test_only_those_who_may_publish_delete_close_and_archive(organiser_client: LogIn, role: str) -> None:
    client, draft = organiser_client(role), factories.make_petition(publish=False)
    for name in ("delete-draft", "close", "archive"):
        assert client.get(path(draft, name)).status_code == 403
        assert client.post(path(draft, name)).status_code == 403
        assert path(draft, name) not in read(client, change_path(draft))
    assert Petition.objects.get().status == PetitionStatus.DRAFT


def test_a_campaign_that_won_is_closed_with_its_words(organiser: Client, petition: Petition) -> None:
    assert path(petition, "close") in read(organiser, change_path(petition))
    assert "What has come of it?" in words(read(organiser, path(petition, "close")))
    answer = organiser.post(path(petition, "close"), {"en": "**We won.**", "ru": "Мы победили."}, follow=True)
    assert "It is closed. Its pages stay, and show your words." in words(answer.content.decode())
    petition.refresh_from_db()
    assert (petition.status, petition.closing_words_en) == (PetitionStatus.CLOSED, "**We won.**")
    assert "<strong>We won.</strong>" in read(Client(), page_of(petition))
    assert "Мы победили." in read(Client(), page_of(petition, language="ru"))
    assert AuditEntry.objects.latest("pk").details == {"fields": ["closing_words_en", "closing_words_ru", "status"]}
    again = organiser.post(path(petition, "close"), {"en": "Something else", "ru": ""})
    assert again.status_code == 422
    assert "It is closed already." in words(again.content.decode())
    assert Petition.objects.get().closing_words_en == "**We won.**"


def test_closing_words_that_are_too_long_close_nothing(organiser: Client, petition: Petition) -> None:
    answer = organiser.post(path(petition, "close"), {"en": "x" * 1001, "ru": "Мы победили."})
    assert answer.status_code == 422
    assert "Мы победили." in answer.content.decode()
    assert Petition.objects.get().status == PetitionStatus.OPEN


def test_what_is_archived_is_in_no_list_and_its_signers_still_withdraw(organiser: Client, petition: Petition) -> None:
    other = factories.make_petition(title_en="The other one", status="CLOSED")
    assert "Close the petition first." in words(organiser.post(path(petition, "archive")).content.decode())
    assert organiser.post(path(other, "archive"))["Location"] == change_path(other)
    assert Petition.objects.get(pk=other.pk).archived_at is not None
    address = page_of(other)
    assert address not in read(Client(), "/en/")
    assert address not in read(Client(), "/sitemap.xml")
    assert Client().get("/", headers={"accept-language": "en"})["Location"] == page_of(petition)
    assert "The other one" not in read(organiser, "/admin/")
    assert "The other one" not in read(organiser, LIST)
    assert "The other one" in read(organiser, f"{LIST}?phase=ARCHIVED")
    assert '<meta name="robots" content="noindex">' in read(Client(), address)
    assert '<meta name="robots" content="noindex">' not in read(Client(), page_of(petition))
    assert Client().get(page_of(other, "my_signature_request")).status_code == 200
    assert "Take it out of the archive…" in words(read(organiser, change_path(other)))
    organiser.post(path(other, "archive"), {"undo": "x"})
    assert address in read(Client(), "/en/")
    assert [entry.details for entry in AuditEntry.objects.filter(petition=other).order_by("pk")][-2:] == [
        {"fields": ["archived_at"]}
    ] * 2


def test_an_archived_petition_stays_closed(organiser: Client) -> None:
    petition = factories.make_petition(status="CLOSED")
    organiser.post(path(petition, "archive"))
    with pytest.raises(IntegrityError, match="petition_archived_stays_closed"), transaction.atomic():
        Petition.objects.update(status=PetitionStatus.OPEN)


@pytest.mark.parametrize("page", ["close", "archive", "duplicate"])
def test_a_draft_that_somebody_deletes_meanwhile_is_not_found(
    organiser_client: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    draft = factories.make_petition(publish=False)
    found = acting_on

    def and_then_deleted(*args: Any) -> Any:
        organiser, petition = found(*args)
        delete_draft(petition=Petition.objects.get(pk=petition.pk), actor=None)
        return organiser, petition

    monkeypatch.setattr(course_pages, "acting_on", and_then_deleted)
    organiser = organiser_client("Administrators")
    assert organiser.post(path(draft, page), {f"closing_words_{code}": "" for code in ("en", "ru")}).status_code == 404
