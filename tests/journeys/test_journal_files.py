"""The files of the journal: what is on the disk when somebody is answered, and what is read of damaged ones."""

from __future__ import annotations

import errno
import os
import resource
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from signatures.journaling.entries import NOTHING, Entry
from signatures.journaling.files import (
    ENTRIES_A_LINE,
    JOURNAL,
    JournalDamagedError,
    JournalUnwritableError,
    Position,
    delete_old_files,
    read_journal,
)
from signatures.models import Petition, Signature
from tests.support import factories
from tests.support.environment import FERNET_KEY
from tests.support.erasure_journal import my_signature_path, noted, start_journal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("journal")]
ADDRESS = "somebody@example.org"


@contextmanager
def full_disk(path: Path, left: int) -> Iterator[None]:
    """Let this process write only so many bytes more into a file."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + left, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_line_that_was_written_in_part_ends_its_file_and_the_next_one_begins_another(
    petition: Petition, journal: Path
) -> None:
    path = written(petition, journal)
    factories.make_signature(petition).delete()
    with full_disk(path, 100), pytest.raises(JournalUnwritableError):
        noted(journal)
    noted(journal)
    found = read_journal([journal])
    assert (len(found.entries), found.files, found.torn) == (4, 2, 1)


def test_nobody_is_answered_before_the_disk_has_it_nor_after_it_has_failed(
    petition: Petition, visitor: Client, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(petition, journal)
    sync, was_synced = os.fsync, []

    def fail(handle: int) -> None:
        was_synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        raise OSError(errno.EIO, "lost")

    visitor.raise_request_exception = False
    monkeypatch.setattr(os, "fsync", fail)
    assert visitor.post(my_signature_path(petition.pk, ADDRESS), {"action": "WITHDRAW"}).status_code == 503
    (path,) = journal.glob("*.journal")
    assert was_synced == [str(path)]
    # The kernel tells of it once.
    monkeypatch.setattr(os, "fsync", sync)
    lines = len(path.read_bytes().splitlines())
    assert visitor.post(my_signature_path(petition.pk, ADDRESS), {"action": "WITHDRAW"}).status_code == 200
    assert len(path.read_bytes().splitlines()) == lines
    assert len(list(journal.glob("*.journal"))) == 2


def test_whoever_waits_for_a_sync_that_fails_is_not_answered_either(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Entry(1, NOTHING, None, is_gone=False, facts={}, at=datetime.now(UTC))
    JOURNAL.add([entry])
    (path,) = journal.glob("*.journal")
    sync, failures = os.fsync, []

    def add() -> None:
        try:
            JOURNAL.add([entry])
        except JournalUnwritableError as error:
            failures.append(error)

    others = [threading.Thread(target=add) for _ in range(3)]

    def fail_once(handle: int) -> None:
        monkeypatch.setattr(os, "fsync", sync)
        for other in others:
            other.start()
        while len(path.read_bytes().splitlines()) < 1 + 1 + len(others):
            time.sleep(0.01)
        raise OSError(errno.EIO, "lost")

    monkeypatch.setattr(os, "fsync", fail_once)
    add()
    for other in others:
        other.join()
    assert len(failures) == 1 + len(others)


def test_however_much_is_noted_at_once_stands_in_lines_of_bounded_length(petition: Petition, journal: Path) -> None:
    for _ in range(2 * ENTRIES_A_LINE + 1):
        factories.make_signature(petition)
    Signature.objects.all().delete()
    assert len(noted(journal)) == 2 * ENTRIES_A_LINE + 1
    (path,) = journal.glob("*.journal")
    assert len(path.read_bytes().splitlines()) == 3


def written(petition: Petition, journal: Path) -> Path:
    """Return a file with three lines."""
    for _ in range(3):
        factories.make_signature(petition).delete()
        noted(journal)
    (path,) = journal.glob("*.journal")
    return path


def test_a_line_that_a_killed_process_left_unfinished_is_told_and_the_rest_is_read(
    petition: Petition, journal: Path
) -> None:
    path = written(petition, journal)
    path.write_bytes(path.read_bytes()[:-20])
    found = read_journal([journal])
    assert (len(found.entries), found.torn) == (2, 1)


@pytest.mark.parametrize("damage", ["changed", "taken out", "in another order", "renamed", "under another key"])
def test_any_other_damage_stops_with_a_sentence(
    petition: Petition, journal: Path, settings: Settings, damage: str
) -> None:
    path = written(petition, journal)
    first, second, third = path.read_bytes().splitlines(keepends=True)
    lines = {
        "changed": first[:30] + (b"B" if first[30:31] == b"A" else b"A") + first[31:] + second + third,
        "taken out": first + third,
    }
    lines["in another order"] = second + first + third
    if damage == "renamed":
        path.rename(path.with_name(f"2026-01-01-{uuid.uuid4().hex}.journal"))
    elif damage == "under another key":
        settings.JOURNAL_KEYS = [FERNET_KEY.format("x")]
    else:
        path.write_bytes(lines[damage])
    with pytest.raises(JournalDamagedError, match=r"Line [12] of .* cannot be read: .*JOURNAL_KEYS"):
        read_journal([journal])


def test_an_older_key_still_reads_and_several_machines_are_read_as_one(
    petition: Petition, journal: Path, settings: Settings, tmp_path: Path
) -> None:
    written(petition, journal)
    settings.JOURNAL_KEYS = [FERNET_KEY.format("x"), *settings.JOURNAL_KEYS]
    settings.ERASURE_JOURNAL = tmp_path / "second"
    start_journal(settings.ERASURE_JOURNAL)
    factories.make_signature(petition).delete()
    noted(settings.ERASURE_JOURNAL)
    found = read_journal([journal, settings.ERASURE_JOURNAL])
    assert [one.number for one in found.entries] == sorted(one.number for one in found.entries)
    assert (len(found.entries), found.files) == (4, 2)


def test_files_go_once_no_backup_is_old_enough_for_them(journal: Path, settings: Settings) -> None:
    settings.BACKUP_DAYS = 14
    today = datetime.now(UTC).date()
    for days in (0, 1, 16, 17, 18, 40):
        (journal / f"{today - timedelta(days=days)}-{uuid.uuid4().hex}.journal").touch()
    (journal / "a copy of yesterday.journal").touch()
    assert delete_old_files() == 2
    assert len(list(journal.iterdir())) == 5


def test_a_file_tells_its_highest_number_also_behind_many_lower_ones(journal: Path) -> None:
    def entries(*numbers: int) -> list[Entry]:
        return [Entry(number, NOTHING, None, is_gone=False, facts={}, at=datetime.now(UTC)) for number in numbers]

    position = Position()
    assert position.newest() == 0
    JOURNAL.add(entries(2000))
    # A long act has lower numbers, and ends later.
    JOURNAL.add(entries(*range(1000, 1500)))
    assert position.newest() == Position().newest() == 2000
    JOURNAL.add(entries(2001))
    assert position.newest() == 2001
    # A line that the disk has lost is nobody's answer.
    (path,) = journal.glob("*.journal")
    path.write_bytes(path.read_bytes()[:-20] + b"\0" * 19 + b"\n")
    assert Position().newest() == 2000
