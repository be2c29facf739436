"""A backup says which journals it needs, and the journals say that it was made: none that is empty or wrong will do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db.models import F
from pytest_django import Settings

from signatures.journaling.entries import NOTHING, Entry
from signatures.journaling.files import JOURNAL, Position, delete_old_files, read_journal
from signatures.journaling.folders import Needs, known_needs, note_backup, note_folder
from signatures.journaling.gate import Gate, find_problem
from signatures.journaling.ids import journal_id, journal_id_in
from signatures.models import Erasure, JournalFolder, Serving
from signatures.restoring.keeping import how_to_copy, keep_files
from signatures.restoring.needing import what_is_missing
from tests.support.erasure_journal import start_journal

pytestmark = pytest.mark.django_db
Machine = Callable[[str], Path]
NOT_THIS_BACKUP = "do not say that this backup was made"


@pytest.fixture
def on(tmp_path: Path, settings: Settings) -> Iterator[Machine]:
    """Return what goes to a machine, and returns the folder of its journal."""

    def go(name: str) -> Path:
        folder = tmp_path / name
        settings.ERASURE_JOURNAL = folder
        start_journal(folder)
        return folder

    yield go
    start_journal(tmp_path / "over")


def needs_of_backup() -> Needs:
    """Note that a backup begins, and return what it says that it needs once it is loaded."""
    at = note_backup()
    assert known_needs().backed_up_at == at
    return known_needs()


def lacking(*folders: Path) -> str:
    """Return what a database that is restored as it is now lacks in these journals."""
    return what_is_missing(known_needs(), read_journal(folders)) or ""


def test_the_journals_of_all_machines_are_needed_and_the_backup_must_stand_in_one(on: Machine, tmp_path: Path) -> None:
    second = on("second")
    note_folder()
    first = on("first")
    needs = needs_of_backup()
    assert needs.newest.keys() == {journal_id(first), journal_id(second)}
    assert lacking(first, second) == ""
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    assert NOT_THIS_BACKUP in lacking(nothing)
    assert NOT_THIS_BACKUP in lacking(second)
    assert f"The journal {journal_id(second)} is missing" in lacking(first)
    assert "--journal-is-lost" in lacking(first)


def test_the_journal_of_another_site_or_one_whose_files_of_then_are_deleted_will_not_do(
    on: Machine, tmp_path: Path
) -> None:
    first = on("first")
    note_backup()
    needs = known_needs()
    for path in first.glob("*.journal"):
        path.unlink()
    start_journal(first)
    note_folder()
    assert NOT_THIS_BACKUP in (what_is_missing(needs, read_journal([first])) or "")


def test_an_older_copy_of_a_journal_is_noticed_by_what_a_later_backup_says(on: Machine) -> None:
    first = on("first")
    needs = needs_of_backup()
    second = on("second")
    # It came only after that backup.
    note_folder()
    copy = read_journal([first, second])
    on("second")
    Erasure.objects.create(about=NOTHING)
    note_folder()
    on("first")
    assert what_is_missing(needs, read_journal([first])) is None
    note_backup()
    assert f"The journal {journal_id(second)} is missing" in (what_is_missing(needs, read_journal([first])) or "")
    whole = read_journal([first, second])
    assert what_is_missing(needs, whole) is None
    older = replace(whole, newest=whole.newest | {journal_id(second): copy.newest[journal_id(second)]})
    assert "an older copy" in (what_is_missing(needs, older) or "")


def test_a_machine_that_served_no_more_is_not_needed_and_forgotten_in_the_end(on: Machine, settings: Settings) -> None:
    on("second")
    note_folder()
    JournalFolder.objects.update(seen_at=F("seen_at") - timedelta(days=1, minutes=1))
    first = on("first")
    needs = needs_of_backup()
    assert needs.newest.keys() == {journal_id(first)}
    # Which says of the second when it was last seen.
    note_backup()
    assert what_is_missing(needs, read_journal([first])) is None
    assert lacking(first) == ""
    assert JournalFolder.objects.count() == 2
    JournalFolder.objects.update(seen_at=F("seen_at") - timedelta(days=settings.BACKUP_DAYS + 1))
    note_backup()
    assert [one.id for one in JournalFolder.objects.all()] == [journal_id(first)]


def test_a_backup_whose_entry_is_deleted_by_age_is_not_asked_for(on: Machine, settings: Settings) -> None:
    first = on("first")
    note_backup()
    JournalFolder.objects.update(backed_up_at=F("seen_at") - timedelta(days=settings.BACKUP_DAYS + 1, minutes=1))
    assert known_needs() == Needs(None, {journal_id(first): JournalFolder.objects.get().newest})


def test_a_machine_whose_clock_was_years_ahead_makes_no_other_one_dispensable(on: Machine) -> None:
    on("ahead")
    note_folder()
    JournalFolder.objects.update(seen_at=F("seen_at") + timedelta(days=3650))
    first = on("first")
    at = note_backup()
    assert known_needs().backed_up_at == at
    assert known_needs().newest.keys() == {journal_id(first)}


def test_a_copy_that_was_made_without_a_backup_needs_the_journals_as_far_as_it_knows_them(
    on: Machine, tmp_path: Path
) -> None:
    assert what_is_missing(known_needs(), read_journal([])) is None
    first = on("first")
    note_folder()
    assert lacking(first) == ""
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    assert "is missing" in lacking(nothing)


def test_what_a_machine_notes_of_itself_never_closes_the_site(on: Machine) -> None:
    Serving.objects.get_or_create(pk=1)
    # What tests that commit have left: the newest row stays.
    Erasure.objects.all().delete()
    on("first")
    note_folder()
    note_backup()
    assert find_problem(Position()) is None


def test_what_a_machine_notes_of_itself_does_not_hide_that_the_database_lacks_what_another_one_knows(
    on: Machine,
) -> None:
    Serving.objects.get_or_create(pk=1)
    on("first")
    last = Erasure.objects.create(about=NOTHING)
    JOURNAL.add([Entry(last.pk + 1, NOTHING, None, is_gone=False, facts={}, at=datetime.now(UTC))])
    first = Position()
    assert find_problem(first) is not None
    on("second")
    note_folder()
    note_backup()
    assert find_problem(Position()) is None
    on("first")
    assert find_problem(first) is not None


def is_served() -> bool:
    """Return whether a process that has just been started serves."""
    gate = Gate()
    gate.watch()
    return not gate.is_closed()


def test_whoever_serves_notes_its_journal_and_one_that_cannot_be_written_closes_nothing(
    on: Machine, tmp_path: Path
) -> None:
    Serving.objects.get_or_create(pk=1)
    first = on("first")
    assert is_served()
    assert [one.id for one in JournalFolder.objects.all()] == [journal_id(first)]
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="File exists"):
        on("file")
    assert is_served()
    assert JournalFolder.objects.count() == 1


def test_journals_that_were_applied_are_kept_for_the_next_restore_and_belong_to_the_machine_of_then(
    on: Machine,
) -> None:
    second = on("second")
    note_folder()
    first = on("first")
    needs = needs_of_backup()
    third = on("third")
    assert keep_files([first, second]) == 2
    assert keep_files([first, second, third]) == 0
    (copied, *_) = third.glob("*.journal")
    copied.write_bytes(copied.read_bytes()[:-1])
    assert keep_files([first, second]) == 1
    assert what_is_missing(needs, read_journal([third])) is None
    assert {path.stat().st_mode & 0o777 for path in third.iterdir()} == {0o600}
    note_folder()
    machines = {journal_id(one) for one in (first, second, third)}
    assert {journal_id_in(path.name) for path in third.glob("*.journal")} == machines
    assert f"chown --reference={third}" in how_to_copy([first])


def test_entries_of_two_histories_with_the_same_number_are_both_read_and_a_copied_one_once(on: Machine) -> None:
    first = on("first")
    at = datetime.now(UTC)
    entries = [
        Entry(7, "signatures_signature", row, is_gone=True, facts={}, at=at + timedelta(days=days))
        for row, days in ((1, 0), (2, 0), (1, 1))
    ]
    for entry in (*entries, entries[0]):
        JOURNAL.add([entry])
    assert read_journal([first, first]).entries == [entries[0], entries[1], entries[2]]


def test_a_clock_that_is_years_ahead_for_a_while_deletes_no_journal(
    on: Machine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = on("first")
    settings.BACKUP_DAYS = 14
    today = datetime.now(UTC).date()
    # What a process has begun under that clock, and what was there.
    begun = [today, *(today - timedelta(days=days) for days in (3650, 3651, 3652))]
    for day in begun:
        (journal / f"{day}-x-y.journal").touch()
    assert delete_old_files() == 0
    # The clock is right again: there are two days of which both say so.
    (journal / f"{today - timedelta(days=1)}-x-y.journal").touch()
    (journal / f"{today + timedelta(days=3650)}-x-y.journal").touch()
    assert delete_old_files() == 3
