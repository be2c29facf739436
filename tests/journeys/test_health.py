"""What machines are told of how the site is."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from petition_site.checks import complain_of_placeholders
from signatures.models import Petition, WorkerBeat
from signatures.publishing import readiness
from signatures.publishing.health import PLAIN, WORKER_SILENT
from signatures.safeguarding.secret_marks import remember_secrets
from signatures.worker import Worker
from tests.support import factories
from tests.support.database import let_mails_grow_old, query
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.django_db
TOKEN = "a token of the tests"


def beat(ago: timedelta = timedelta()) -> None:
    """Let a worker have given its sign of life."""
    WorkerBeat.objects.create(worker=uuid.uuid4(), beat_at=TransactionNow() - ago)


BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def in_production(settings: Settings) -> None:
    """Run as in production, which has a token and speaks https."""
    settings.METRICS_TOKEN = TOKEN
    settings.PLAIN_HTTP = False


def ready() -> tuple[int, dict[str, Any]]:
    """Ask as the operator whether the site is ready."""
    response = Client().get("/-/ready", headers=BEARER)
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "application/json"
    return response.status_code, response.json()


def failing() -> list[str]:
    """Return which checks fail, each of which makes a 503."""
    status, data = ready()
    failed = [name for name, passed in data["checks"].items() if not passed]
    assert (status, data["ready"]) == ((503, False) if failed else (200, True))
    return failed


def warnings() -> list[str]:
    """Return what is amiss on a site that is ready."""
    status, data = ready()
    assert (status, data["ready"]) == (200, True)
    found: list[str] = data["warnings"]
    return found


def test_a_process_that_answers_is_live() -> None:
    response = Client().get("/-/live")
    assert (response.status_code, response.content, response["Cache-Control"]) == (200, b"ok\n", "no-store")
    assert Client(enforce_csrf_checks=True).post("/-/live").status_code == 405


def test_a_site_is_ready_whether_or_not_a_worker_works(mailbox: Mailbox) -> None:
    assert warnings() == [WORKER_SILENT]
    worker = Worker()
    worker.round()
    worker.transport.close()
    checks = dict.fromkeys(
        ["database", "migrations", "writing", "pooling", "secrets", "limits", "journal", "static"], True
    )
    assert ready() == (200, {"ready": True, "checks": checks, "warnings": []})


@pytest.mark.parametrize("given", [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}])
def test_strangers_are_told_whether_it_is_ready_and_nothing_else(petition: Petition, given: dict[str, str]) -> None:
    assert warnings() != []
    response = Client().get("/-/ready", headers=given)
    assert (response.status_code, response.json()) == (200, {"ready": True})
    MigrationRecorder.Migration.objects.filter(app="signatures").delete()
    response = Client().get("/-/ready", headers=given)
    assert (response.status_code, response.json()) == (503, {"ready": False})


def test_where_there_is_no_token_nobody_is_told_more(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    for given in ({}, {"authorization": "Bearer "}, {"authorization": "Bearer"}):
        assert Client().get("/-/ready", headers=given).json() == {"ready": True}


def test_production_without_https_is_complained_of(settings: Settings) -> None:
    beat()
    settings.PLAIN_HTTP = True
    assert warnings() == [PLAIN]
    settings.SITE_ORIGIN = "https://petition.example.org"
    assert warnings() == []


@pytest.mark.parametrize("domain", ["example.org", "example.com", "mail.example.net", "site.example", "x.invalid"])
def test_a_contact_that_nobody_reads_is_complained_of_in_production(settings: Settings, domain: str) -> None:
    petition = factories.make_petition(contact=f"contact@{domain}")
    factories.make_petition(contact="contact@vyzvalenne.by")
    factories.make_petition(contact="contact@notexample.org", publish=False)
    sentence = f"The contact of the petition {petition.slug} is a placeholder"
    beat()
    (warning,) = warnings()
    assert warning.startswith(sentence)
    settings.LOCAL_START = True
    assert warnings() == []


@pytest.mark.django_db(transaction=True)
def test_the_log_of_a_start_complains_of_it_too(petition: Petition, caplog: pytest.LogCaptureFixture) -> None:
    beat()
    complain_of_placeholders()
    assert [record.message for record in caplog.records] == warnings()
    assert len(warnings()) == 1


def test_a_worker_that_is_silent_for_two_minutes_is_missed() -> None:
    beat(timedelta(seconds=121))
    assert warnings() == [WORKER_SILENT]
    beat(timedelta(seconds=110))
    assert warnings() == []


def test_mail_that_waits_for_a_quarter_of_an_hour_is_told_of_and_nobody_is_turned_away(
    petition: Petition, visitor: Client, mailbox: Mailbox, settings: Settings
) -> None:
    settings.LOCAL_START = True
    beat()
    for _ in range(2):
        factories.sign(visitor, petition)
    let_mails_grow_old(timedelta(minutes=14))
    assert warnings() == []
    let_mails_grow_old(timedelta(minutes=2))
    (warning,) = warnings()
    assert "a quarter of an hour: 2." in warning
    mailbox.deliver()
    assert warnings() == []


def test_a_migration_that_is_missing_is_noticed() -> None:
    beat()
    MigrationRecorder.Migration.objects.filter(app="signatures").delete()
    assert failing() == ["migrations"]


def test_a_flood_of_questions_is_answered_by_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    beat()
    readiness.READINESS.forget()
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 1000.0)
    assert Client().get("/-/ready").json() == {"ready": True}
    with CaptureQueriesContext(connection) as queries:
        assert Client().get("/-/ready").json() == {"ready": True}
    assert queries.captured_queries == []
    readiness.READINESS.forget()


def test_foreign_secrets_are_noticed_and_a_lost_style_sheet_too(settings: Settings, tmp_path: Path) -> None:
    beat()
    remember_secrets()
    settings.CODE_SECRETS = ["codes of another database " + "f" * 40]
    assert failing() == ["secrets"]
    settings.STATIC_ROOT = tmp_path
    assert failing() == ["secrets", "static"]


def test_a_database_that_takes_no_writes_is_noticed() -> None:
    beat()
    readiness.READINESS.forget()
    with transaction.atomic():
        query("SET LOCAL transaction_read_only = on")
        assert failing() == ["writing"]
        transaction.set_rollback(True)
    assert failing() == []


def test_a_journal_that_cannot_be_written_is_noticed_since_nobody_could_withdraw(
    settings: Settings, tmp_path: Path
) -> None:
    beat()
    (tmp_path / "file").touch()
    settings.ERASURE_JOURNAL = tmp_path / "file" / "journal"
    assert failing() == ["journal"]
