"""A backup is whole and encrypted or not there, and none is older than the pages say."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

import signatures
from signatures.models import Petition
from signatures.restoring.manifests import TIME, UNFINISHED, delete_old_backups
from tests.support import factories
from tests.support.erasure_journal import start_journal

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "somebody@example.org"
MIGRATIONS = Path(signatures.__path__[0]) / "migrations"
NAME = "Alesia Paharelskaja"


@pytest.fixture
def identity(settings: Settings, tmp_path: Path) -> pyrage.x25519.Identity:
    """Return the private half of a key whose public half the settings name."""
    found = pyrage.x25519.Identity.generate()
    settings.BACKUP_RECIPIENT = str(found.to_public())
    settings.BACKUP_FOLDER = tmp_path / "backups"
    return found


def back_up() -> str:
    """Make a backup, and return what the command told."""
    out = io.StringIO()
    call_command("backup", stdout=out)
    return out.getvalue()


def test_a_backup_is_encrypted_holds_no_address_and_leaves_no_half_file(
    identity: pyrage.x25519.Identity, settings: Settings, visitor: Client
) -> None:
    petition: Petition = factories.make_petition()
    factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC", name=NAME)
    factories.sign(visitor, petition, email=ADDRESS)
    told = back_up()
    files = {path.name: path for path in settings.BACKUP_FOLDER.iterdir()}
    assert sorted(name.partition(".")[2] for name in files) == ["", "dump.age", "journal.age", "json"]
    assert {path.stat().st_mode & 0o777 for path in files.values() if path.suffix == ".age"} == {0o600}
    (dump,) = (path for path in files.values() if path.name.endswith(".dump.age"))
    assert dump.name in told
    good = json.loads(files["last-good"].read_text(encoding="utf-8"))
    assert (good["file"], good["size"]) == (dump.name, dump.stat().st_size)
    # Others stand in the table of what was applied, which later ones stand for.
    assert good["schema"] == max(path.stem for path in MIGRATIONS.glob("0*.py"))
    clear = pyrage.decrypt(dump.read_bytes(), [identity])
    assert clear.startswith(b"PGDMP")
    # Compressed table by table; those that are left out have no data at all.
    listed = clear[:200_000]
    assert b"signatures_signature" in listed
    assert b"COPY public.signatures_signature " in listed
    for table in ("outgoingmail", "session", "accesslink", "mailcount", "serving", "erasure"):
        assert f"COPY public.signatures_{table} ".encode() not in listed


@pytest.mark.parametrize("fault", ["pg_dump fails", "full disk", "no journal", "no key"])
def test_where_it_fails_nothing_is_left_and_the_last_good_one_is_still_the_last(
    identity: pyrage.x25519.Identity, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    back_up()
    before = {path.name: path.read_bytes() for path in settings.BACKUP_FOLDER.iterdir()}
    if fault == "pg_dump fails":
        words = ["--no-such-option"]
        monkeypatch.setattr("signatures.restoring.dumping.reach_database", lambda: (words, dict(os.environ)))
    elif fault == "full disk":
        monkeypatch.setattr(os, "fsync", _full)
    elif fault == "no journal":
        (tmp_path / "file").touch()
        settings.ERASURE_JOURNAL = tmp_path / "file" / "journal"
        start_journal(tmp_path / "over")
    else:
        settings.BACKUP_RECIPIENT = "age1" + "q" * 58
    with pytest.raises(
        CommandError, match=r"pg_dump has failed|could not be written|journal cannot be written|no public age key"
    ):
        back_up()
    assert {path.name: path.read_bytes() for path in settings.BACKUP_FOLDER.iterdir()} == before


def _full(handle: int) -> None:
    # The disk with the journal is another one.
    if UNFINISHED in str(Path(f"/proc/self/fd/{handle}").readlink()):
        raise OSError(28, "No space left on device")


def test_no_backup_gets_older_than_the_pages_say_and_the_newest_stays(settings: Settings, tmp_path: Path) -> None:
    now = datetime(2031, 3, 15, 3, 0, tzinfo=UTC)
    settings.BACKUP_DAYS = 14
    for days in range(20):
        for suffix in ("dump.age", "journal.age", "json"):
            (tmp_path / f"{(now - timedelta(days=days)).strftime(TIME)}.{suffix}").touch()
    (tmp_path / "somebody's.dump.age").touch()
    assert delete_old_backups(tmp_path, now) == 7
    left = sorted(path.name.partition(".")[0] for path in tmp_path.glob("2031*.dump.age"))
    # The oldest is still younger than fourteen days when the next one is made.
    assert datetime.strptime(left[0], TIME).replace(tzinfo=UTC) == now - timedelta(days=12)
    assert len(list(tmp_path.iterdir())) == 3 * 13 + 1
    settings.BACKUP_DAYS = 1
    assert delete_old_backups(tmp_path, now + timedelta(days=30)) == 12
    assert len(list(tmp_path.glob("2031*.dump.age"))) == 1


def test_without_a_key_or_a_folder_or_days_it_says_what_to_set(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Set BACKUP_FOLDER, and BACKUP_RECIPIENT"):
        back_up()
    settings.BACKUP_FOLDER, settings.BACKUP_RECIPIENT, settings.BACKUP_DAYS = tmp_path, "age1" + "q" * 58, 0
    with pytest.raises(CommandError, match="BACKUP_DAYS is 0"):
        back_up()
