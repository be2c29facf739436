"""Petitions and drafts are restored as strict as they were, and numbers are never used twice."""

from __future__ import annotations

import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from signatures.journaling.files import JOURNAL, read_journal
from signatures.models import Erasure, LeadPetitioner, Organiser, Petition, Serving, StandingHold
from signatures.models.choices import PetitionStatus
from signatures.models.protection import Protection
from signatures.moderating.holds import end_hold, start_hold
from signatures.moderating.purging import purge_petition
from signatures.restoring.campaigns import less_guarded_than_wanted
from signatures.restoring.replaying import AHEAD, apply_journal
from signatures.texts.drafts import delete_draft
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.erasure_journal import noted
from tests.support.restores import Restore

pytestmark = pytest.mark.django_db
BACK = "SELECT setval(pg_get_serial_sequence(%(table)s, 'id'), %(number)s)"


def test_a_draft_that_cannot_be_deleted_any_more_stays_and_stops_nothing(db: None, restore: Restore) -> None:
    draft = factories.make_petition(publish=False)
    hold = start_hold(group=StandingHold(petition=draft, country="PL"), actor=None)

    def act() -> None:
        StandingHold.objects.filter(pk=hold.pk).delete()
        delete_draft(petition=draft, actor=None)

    assert "petition" not in restore(act).amounts
    assert Petition.objects.get() == draft


def test_a_draft_that_was_published_closed_and_erased_since_is_a_draft_without_a_petitioner(
    db: None, restore: Restore
) -> None:
    draft = factories.make_petition(publish=False)
    LeadPetitioner.objects.create(petition=draft, name="Jana")

    def act() -> None:
        Petition.objects.filter(pk=draft.pk).update(opens_at=TransactionNow())
        draft.refresh_from_db()
        publish_text(petition=draft, actor=factories.make_organiser())
        Petition.objects.filter(pk=draft.pk).update(status=PetitionStatus.CLOSED)
        purge_petition(petition=draft, reason="over", actor=None)

    restore(act)
    draft.refresh_from_db()
    assert (draft.status, draft.purged_at) == (PetitionStatus.DRAFT, None)
    assert not LeadPetitioner.objects.exists()


def test_a_petition_that_was_guarded_or_postponed_is_so_again(ordinary: Petition, restore: Restore) -> None:
    later = datetime.now(UTC) + timedelta(days=5)
    changes = {"protection": Protection.GUARDED, "opens_at": later, "closes_at": later + timedelta(days=1)}
    restore(lambda: Petition.objects.filter(pk=ordinary.pk).update(**changes))
    ordinary.refresh_from_db()
    assert less_guarded_than_wanted() == [ordinary.slug]
    assert {name: getattr(ordinary, name) for name in changes} == changes


def test_what_was_lowered_in_between_and_made_earlier_is_as_in_the_backup(petition: Petition, restore: Restore) -> None:
    before = petition.opens_at
    assert before is not None
    changes = {"protection": Protection.ORDINARY, "opens_at": before - timedelta(days=1)}
    restore(lambda: Petition.objects.filter(pk=petition.pk).update(**changes))
    petition.refresh_from_db()
    assert less_guarded_than_wanted() == []
    assert (petition.protection, petition.opens_at) == (Protection.GUARDED, before)


def test_the_mark_of_a_group_that_is_held_is_never_in_the_journal(petition: Petition, restore: Restore) -> None:
    def act() -> None:
        group = StandingHold(petition=petition, domain_key=b"d" * 33)
        start_hold(group=group, name_key=b"n" * 33, actor=None)
        end_hold(pk=StandingHold.objects.get().pk, actor=factories.make_organiser())
        noted = str(list(Erasure.objects.values_list("facts", flat=True)))
        assert [mark for mark in (b"d" * 33, b"n" * 33) if mark.hex() in noted] == []

    restore(act)
    assert not StandingHold.objects.exists()


def test_numbers_go_on_behind_those_that_were_used_since_the_backup(
    petition: Petition, restore: Restore, settings: Settings
) -> None:
    before = factories.make_signature(petition).pk
    used: list[int] = []

    def act() -> None:
        for _ in range(3):
            signature = factories.make_signature(petition)
            used.append(signature.pk)
            signature.delete()
        # As in a database that was loaded from a dump: what is rolled back leaves a sequence where it is.
        with connection.cursor() as cursor:
            cursor.execute(BACK, {"table": "signatures_signature", "number": before})
            cursor.execute(BACK, {"table": "signatures_erasure", "number": 1})

    restore(act)
    assert factories.make_signature(petition).pk > max(used)
    newest = read_journal([settings.ERASURE_JOURNAL]).entries[-1].number
    factories.make_signature(petition).delete()
    assert Erasure.objects.latest("pk").pk > newest


def test_numbers_leave_room_for_those_that_a_lost_journal_knows(petition: Petition, journal: Path) -> None:
    before = factories.make_signature(petition).pk
    factories.make_signature(petition).delete()
    apply_journal(noted(journal), backup="a test", is_incomplete=True)
    assert factories.make_signature(petition).pk > before + AHEAD
    assert Erasure.objects.latest("pk").pk > AHEAD
    assert Organiser.objects.create_user("somebody").pk > AHEAD


def test_what_does_not_fit_is_told_by_its_table_and_without_what_stands_in_the_row(
    petition: Petition, settings: Settings, restore: Restore
) -> None:
    restore(lambda: Petition.objects.filter(pk=petition.pk).update(four_eyes_from=5))
    entry = read_journal([settings.ERASURE_JOURNAL]).entries[-1]
    wrong = replace(entry, number=entry.number + 1, facts={**entry.facts, "four_eyes_from": -1})
    JOURNAL.add([wrong])
    with pytest.raises(CommandError) as raised:
        call_command("restore", "--in-place", "--journal", str(settings.ERASURE_JOURNAL))
    assert "does not fit signatures_petition" in str(raised.value)
    assert petition.slug not in "".join(traceback.format_exception(raised.value))
    assert not Serving.objects.exists()
