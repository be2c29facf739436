"""The doctor looks at settings, names, files, accounts and jobs of the site."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from pytest_django import Settings

from signatures import auditing
from signatures.auditing.sealing import seal_entries
from signatures.counting.folding import LET_FOLD, fold_tallies
from signatures.doctor import clock, disk, work
from signatures.doctor.accounts import check_accounts
from signatures.doctor.clock import check_clock
from signatures.doctor.disk import check_disk, check_machine
from signatures.doctor.findings import Level
from signatures.doctor.site_settings import check_host_name, check_site_settings
from signatures.doctor.static_files import check_static_files
from signatures.doctor.work import check_audit_log, check_backups, check_count, check_workers
from signatures.models import Organiser, Petition, TotpDevice, WorkerBeat
from signatures.models.choices import AuditAction
from signatures.models.protection import Protection
from signatures.safeguarding.encryption import encrypt
from tests.support import factories
from tests.support.database import query
from tests.support.doctor import complaints, said

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def static_root(tmp_path: Path, settings: Settings) -> Path:
    """Return a copy of the collected files that a test may spoil."""
    shutil.copytree(settings.STATIC_ROOT, tmp_path / "static")
    settings.STATIC_ROOT = tmp_path / "static"
    return tmp_path / "static"


def test_settings_of_trials_and_tests_are_told_of(settings: Settings) -> None:
    settings.METRICS_TOKEN = "a token of the tests"
    settings.OPERATOR_EMAIL = "operator@example.org"
    assert [sentence[:10] for sentence in said(check_site_settings)] == ["PLAIN_HTTP"]
    settings.PLAIN_HTTP = False
    assert complaints(check_site_settings) == []
    settings.LOCAL_START = settings.DEBUG = True
    assert [sentence.split()[0] for sentence in said(check_site_settings)] == ["LOCAL_START", "DEBUG"]
    settings.METRICS_TOKEN = settings.OPERATOR_EMAIL = ""
    assert len(said(check_site_settings, Level.WARN)) == 2


def test_a_host_that_names_the_cause_of_a_guarded_petition_is_told_of(settings: Settings) -> None:
    settings.SITE_ORIGIN, settings.MAIL_HELO_NAME = "https://free-belarus.example.org", "mail.example.org"
    assert complaints(check_host_name) == []
    factories.make_petition(slug="zubr-now", title_en="Let Kalinouski out")
    assert [sentence.split(" hold ")[0] for sentence in complaints(check_host_name)] == ["SITE_ORIGIN"]
    settings.SITE_ORIGIN = "https://kalinouski.example.org"
    settings.MAIL_SENDER = "no-reply@for-kalinouski.example.org"
    assert [sentence.split(" hold ")[0] for sentence in complaints(check_host_name)] == ["SITE_ORIGIN and MAIL_SENDER"]
    settings.SITE_ORIGIN, settings.MAIL_SENDER = "https://petition.example.org", "no-reply@petition.example.org"
    assert complaints(check_host_name) == []


def test_a_host_may_name_the_cause_of_a_city_park(settings: Settings) -> None:
    settings.SITE_ORIGIN = "https://parkland.example.org"
    factories.make_petition(slug="parkland", protection=Protection.ORDINARY)
    assert complaints(check_host_name) == []


def test_static_files_of_this_version_are_right(static_root: Path) -> None:
    assert complaints(check_static_files) == []


def test_a_static_file_of_another_version_is_told_of(static_root: Path) -> None:
    with (static_root / "css" / "site.css").open("a") as file:
        file.write("/* older */")
    (static_root / "css" / "log.css").unlink()
    (sentence,) = complaints(check_static_files)
    assert sentence.endswith("belongs to another version: 0 files are missing, and 2 differ.")


def test_an_empty_folder_of_static_files_is_told_of(tmp_path: Path, settings: Settings) -> None:
    settings.STATIC_ROOT = tmp_path
    (sentence,) = said(check_static_files)
    assert sentence.endswith("holds no static files: every page ends with an error.")


def test_missing_workers_are_told_of() -> None:
    (sentence,) = said(check_workers)
    assert sentence.startswith("No worker has been at work")
    WorkerBeat.objects.create(worker=uuid.uuid4())
    assert said(check_workers) == []
    assert len(said(check_workers, Level.WARN)) == 1
    WorkerBeat.objects.create(worker=uuid.uuid4())
    assert complaints(check_workers) == []


@pytest.mark.django_db(transaction=True)
def test_sums_that_something_else_wrote_are_told_of(petition: Petition) -> None:
    factories.make_signature(petition)
    fold_tallies()
    assert complaints(check_count) == []
    with transaction.atomic():
        query(LET_FOLD)
        query("UPDATE signatures_tallysum SET amount = amount + 1")
    (sentence,) = said(check_count)
    assert sentence.startswith(f"The sums of the petition {petition.slug} are not those of its tally")


@pytest.mark.django_db(transaction=True)
def test_rows_of_the_tally_that_nobody_adds_up_are_told_of(petition: Petition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "UNFOLDED_MAX", 2)
    factories.make_signature(petition)
    assert complaints(check_count) == []
    factories.make_signature(petition)
    assert said(check_count) == ["Very many rows of the tally wait to be added up: pages show an old count."]


def test_an_entry_of_the_audit_log_that_was_changed_is_told_of(petition: Petition) -> None:
    auditing.record(actor=None, action=AuditAction.TALLY_REPAIRED, petition=petition, amount=1)
    seal_entries(of_all=True)
    assert complaints(check_audit_log) == []
    query("SET CONSTRAINTS ALL IMMEDIATE")
    query("ALTER TABLE signatures_auditentry DISABLE TRIGGER USER")
    query("UPDATE signatures_auditentry SET amount = 2 WHERE action = 'TALLY_REPAIRED'")
    assert said(check_audit_log) == ["The audit log was changed by something other than the site."]


def make_last_good(folder: Path) -> Path:
    """Write a backup of three bytes, and that it is the last good one; return the latter."""
    (folder / "one.dump.age").write_text("age")
    (folder / "last-good").write_text('{"file": "one.dump.age", "size": 3}')
    return folder / "last-good"


def test_backups_are_told_of_by_their_age(tmp_path: Path, settings: Settings) -> None:
    assert len(said(check_backups, Level.WARN)) == 1
    folder = tmp_path / "backups"
    folder.mkdir(mode=0o750)
    settings.BACKUP_FOLDER = str(folder)
    assert said(check_backups) == ["No backup has ever been made, or none was good."]
    last_good = make_last_good(folder)
    assert complaints(check_backups) == []
    for hours, level in ((37, Level.WARN), (80, Level.WRONG)):
        os.utime(last_good, (time.time() - hours * 3600 - 60,) * 2)
        assert said(check_backups, level) == [f"The last good backup is {hours} hours old."]
    os.utime(last_good)
    for content in ("ag", None):
        (folder / "one.dump.age").unlink()
        if content:
            (folder / "one.dump.age").write_text(content)
        assert said(check_backups) == ["The last good backup is gone from BACKUP_FOLDER, or not as large as it was."]


def test_a_backup_that_is_older_than_the_privacy_page_promises_is_told_of(tmp_path: Path, settings: Settings) -> None:
    settings.BACKUP_FOLDER = str(tmp_path)
    tmp_path.chmod(0o750)
    make_last_good(tmp_path)
    (tmp_path / "old.age").write_text("{}")
    os.utime(tmp_path / "old.age", (time.time() - 14.5 * 86400,) * 2)
    assert complaints(check_backups) == []
    os.utime(tmp_path / "old.age", (time.time() - 16 * 86400,) * 2)
    (sentence,) = said(check_backups)
    assert sentence.startswith("1 files in BACKUP_FOLDER are older than the 14 days")


def make_account(name: str, *, has_app: bool = True, **values: object) -> Organiser:
    """Make an account, with an app for login codes."""
    account = Organiser.objects.create(username=name, is_staff=True, **values)
    if has_app:
        TotpDevice.objects.create(user=account, name="app", secret=encrypt("secret"), confirmed=True)
    return account


def test_accounts_that_a_guesser_could_use_are_counted_and_not_named() -> None:
    assert said(check_accounts) == ["No open account may do everything."]
    ana = make_account("ana-zyzzyva", is_superuser=True, last_login=TransactionNow())
    assert len(complaints(check_accounts)) == 1
    make_account("boris", is_superuser=True, last_login=TransactionNow())
    assert complaints(check_accounts) == []
    make_account("new", has_app=False)
    assert complaints(check_accounts) == []
    make_account("unused", date_joined=TransactionNow() - 31 * DAY)
    make_account("asleep", last_login=TransactionNow() - 181 * DAY)
    make_account("closed", has_app=False, is_active=False, last_login=TransactionNow() - 181 * DAY)
    assert said(check_accounts) == []
    assert [sentence[0] for sentence in said(check_accounts, Level.WARN)] == ["1", "1"]
    ana.totp_devices.all().delete()
    (sentence,) = said(check_accounts)
    assert sentence.startswith("1 accounts that have logged in have no second factor")
    assert "zyzzyva" not in " ".join(complaints(check_accounts))


def test_clocks_that_are_apart_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_state_of_clock", lambda: 0)
    assert complaints(check_clock) == []
    for state, beginning in ((5, "Nothing sets the clock"), (-1, "It cannot be found out here whether")):
        monkeypatch.setattr(clock, "_state_of_clock", lambda state=state: state)
        (sentence,) = said(check_clock, Level.WARN)
        assert sentence.startswith(beginning)
    monkeypatch.setattr(clock, "_state_of_clock", lambda: 0)
    real = time.time
    for seconds, level in ((-10, Level.WARN), (90, Level.WRONG)):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: real() + seconds)
        assert said(check_clock, level) == [
            f"The clocks of this machine and of the database are {abs(seconds)} seconds apart."
        ]


def test_a_disk_without_room_is_told_of(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "is_nearly_full", lambda *_: False)
    monkeypatch.setattr(disk, "WRONG_BELOW", 0)
    settings.ERASURE_JOURNAL = tmp_path
    assert complaints(check_disk) == []
    settings.BACKUP_FOLDER = str(tmp_path / "nowhere")
    assert said(check_disk) == ["The folder of BACKUP_FOLDER is not there."]
    monkeypatch.setattr(disk, "WRONG_BELOW", 10**18)
    assert any(" MB are free on the disk of " in sentence for sentence in said(check_disk))


def test_core_dumps_that_nobody_forbids_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = tmp_path / "core_pattern"
    monkeypatch.setattr(disk, "CORE_PATTERN", pattern)
    monkeypatch.setattr(disk, "_may_database_dump", lambda: False)
    for text, amount in (("core", 0), ("|/lib/systemd/systemd-coredump %P", 0), ("|/usr/bin/collector %P", 1)):
        pattern.write_text(text)
        found = [sentence for sentence in complaints(check_machine) if "hands core dumps" in sentence]
        assert len(found) == amount
