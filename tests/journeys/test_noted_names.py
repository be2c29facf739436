"""The journal holds no name, city or address of who has left, and nothing to test a guess of one against."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from signatures.journaling.entries import Entry
from signatures.journaling.files import days_noted, delete_old_files
from signatures.models import LeadPetitioner, Petition, Signature
from signatures.models.choices import SignatureState, Source, StateReason
from signatures.moderating.deciding import move_signature
from signatures.restoring.latest import latest_by_table, other_than_noted
from signatures.safeguarding.keys import email_keys
from tests.support import factories
from tests.support.erasure_journal import my_signature_path, noted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("journal")]
ADDRESS = "somebody@example.org"
NAME, CITY, REASON = "Алесь Пушкін-Zażółć", "Бабруйск", "За родных"
TABLE = "signatures_signature"


def told_by(entries: list[Entry]) -> list[str]:
    """Return which of what is secret can be read in entries, and whatever in them could be a digest of something."""
    read = repr(entries)
    secrets = [NAME, CITY, REASON, ADDRESS, email_keys(Petition.objects.get().pk, ADDRESS)[0].hex()]
    return [one for one in secrets if one in read] + re.findall(r"[0-9a-f]{33,}", read)


def held_and_hidden(petition: Petition, **facts: Any) -> Signature:
    """Return a signature of which much is noted while it is there."""
    values = {"visibility": "PUBLIC", "name": NAME, "city": CITY, "reason": REASON, **facts}
    signature = factories.make_signature(petition, **values)
    Signature.objects.filter(pk=signature.pk).update(name_review="HIDDEN")
    move_signature(
        pk=signature.pk, to=SignatureState.HELD, reason=StateReason.SUSPICIOUS, actor=factories.make_organiser()
    )
    return signature


def test_nothing_of_a_name_can_be_guessed_by_whoever_has_the_journal_and_its_key(
    petition: Petition, visitor: Client, journal: Path
) -> None:
    held_and_hidden(petition, address=ADDRESS)
    # Whoever chooses “No one” in the end leaves a row behind, with everything but the name that could be a salt.
    for action in ("DELIVERED", "COUNTED"):
        assert visitor.post(my_signature_path(petition.pk, ADDRESS), {"action": action}).status_code == 200
    entries = [one for one in noted(journal) if one.about == TABLE]
    assert [one.facts["name"] for one in entries] == [True, True, True, False]
    assert told_by(entries) == []
    assert visitor.post(my_signature_path(petition.pk, ADDRESS), {"action": "WITHDRAW"}).status_code == 200
    on_paper = held_and_hidden(petition, source=Source.PAPER, email_key=None)
    on_paper.delete()
    entries = [one for one in noted(journal) if one.about == TABLE]
    assert [one.is_gone for one in entries] == [False] * 4 + [True, False, False, True]
    assert told_by(entries) == []
    last = {name for one in entries if one.is_gone for name in one.facts}
    assert last == {"petition_id", "state", "state_reason", "visibility", "name_review", "reason_approved"}


def test_of_a_lead_petitioner_only_a_stamp_is_noted_which_changes_with_the_person(
    petition: Petition, journal: Path
) -> None:
    person = LeadPetitioner.objects.create(petition=petition, name=NAME, address=CITY)
    person.save()
    person.name = ADDRESS
    person.save()
    person.delete()
    entries = noted(journal)
    assert [one.facts.keys() for one in entries] == [{"stamp"}] * 3
    added, changed, gone = (one.facts["stamp"] for one in entries)
    assert (added != changed, changed == gone) == (True, True)
    assert told_by(entries) == []


def test_what_is_noted_is_the_same_whatever_the_session_is_set_to(petition: Petition, journal: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'Asia/Kathmandu'; SET LOCAL bytea_output = 'escape'")
        signature = held_and_hidden(petition)
        cursor.execute("SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex'")
    rows = latest_by_table(noted(journal))[TABLE]
    assert other_than_noted(TABLE, rows) == {}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signatures_signature DISABLE TRIGGER USER")
    Signature.objects.filter(pk=signature.pk).update(city=None)
    assert other_than_noted(TABLE, rows).keys() == {signature.pk}


def test_the_pages_say_for_how_long_it_is_noted_and_the_files_are_deleted_in_time(
    petition: Petition, visitor: Client, settings: Settings, journal: Path
) -> None:
    settings.BACKUP_DAYS = 10
    today = datetime.now(UTC).date()
    for days in range(30):
        (journal / f"{today - timedelta(days=days)}-x-y.journal").touch()
    delete_old_files()
    oldest = min(date.fromisoformat(path.name[:10]) for path in journal.glob("*.journal"))
    # The day of the oldest one has just begun when the next one takes its place; a backup of it is as old as any.
    days_on_disk = (today - oldest).days + 1
    assert (days_on_disk + 1 + settings.BACKUP_DAYS, days_on_disk) == (days_noted(), 14)
    assert "Within 25\N{NO-BREAK SPACE}days such a note is erased, in backups, too." in visitor.get("/en/privacy/").text
    assert "через 25\N{NO-BREAK SPACE}дней такая отметка удаляется" in visitor.get("/ru/privacy/").text
