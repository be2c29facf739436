"""Two tabs put a petition online, somebody deletes its draft, a colleague saves: one is first, and all is whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from signatures.models import AuditEntry, Petition, TextVersion
from signatures.models.choices import AuditAction, PetitionStatus
from signatures.texts.drafts import delete_draft, duplicate_petition
from signatures.texts.going_online import put_online
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.database import at_once
from tests.support.desk import change_path, shown_form

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]


def whether(act: Callable[[], object], found: list[bool]) -> None:
    """Note whether an act was refused."""
    try:
        act()
    except (ValidationError, Petition.DoesNotExist):
        found.append(False)
    else:
        found.append(True)


def test_of_two_tabs_one_puts_it_online() -> None:
    petition, done = factories.make_petition(publish=False), list[bool]()
    act = partial(whether, partial(put_online, petition=petition, actor=None), done)
    at_once(act, act, act)
    assert sorted(done) == [False, False, True]
    assert TextVersion.objects.count() == 1
    assert AuditEntry.objects.filter(action=AuditAction.PETITION_CHANGED).count() == 1


def test_a_draft_is_deleted_or_published_never_both() -> None:
    for _round in range(4):
        petition, done = factories.make_petition(publish=False), list[bool]()
        publish = partial(whether, partial(publish_text, petition=petition, actor=None), done)
        delete = partial(whether, partial(delete_draft, petition=petition, actor=None), done)
        at_once(publish, delete)
        assert sorted(done) == [False, True]
        stays = Petition.objects.filter(pk=petition.pk).exists()
        assert stays == TextVersion.objects.filter(petition_id=petition.pk).exists()


def test_a_colleague_who_saves_does_not_bring_a_deleted_draft_back(organiser: Client) -> None:
    for _round in range(4):
        petition = factories.make_petition(publish=False)
        form = shown_form(organiser, change_path(petition)) | {"title_en": "Saved by a colleague"}
        save = partial(organiser.post, change_path(petition), form)
        at_once(save, partial(delete_draft, petition=petition, actor=None))
        assert not Petition.objects.filter(pk=petition.pk).exists()


def test_a_colleague_who_saves_does_not_take_it_offline(organiser: Client) -> None:
    for _round in range(4):
        petition = factories.make_petition(publish=False)
        form = shown_form(organiser, change_path(petition)) | {"goal": "500"}
        save = partial(organiser.post, change_path(petition), form)
        at_once(save, partial(put_online, petition=petition, actor=None))
        petition.refresh_from_db()
        assert petition.status == PetitionStatus.OPEN


def test_copies_that_are_made_at_once_have_addresses_of_their_own(petition: Petition) -> None:
    act = partial(duplicate_petition, petition=petition, actor=None)
    at_once(act, act, act, act)
    assert Petition.objects.filter(slug__startswith="freedom-for-all").count() == 4
