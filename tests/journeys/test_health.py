"""What machines are told of how the site is."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings

from petition_site.checks import complain_of_placeholders
from signatures.models import Petition, WorkerBeat
from signatures.worker import Worker
from tests import factories
from tests.database import let_mails_grow_old
from tests.mailbox import Mailbox

pytestmark = pytest.mark.django_db
TOKEN = "a token of the tests"


def beat(ago: timedelta = timedelta()) -> None:
    """Let a worker have given its sign of life."""
    WorkerBeat.objects.create(worker=uuid.uuid4(), beat_at=TransactionNow() - ago)


def ready() -> tuple[int, dict[str, Any]]:
    """Ask whether the site is ready."""
    response = Client().get("/-/ready")
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "application/json"
    return response.status_code, response.json()


def failing() -> list[str]:
    """Return which checks fail, each of which makes a 503."""
    status, data = ready()
    failed = [name for name, passed in data["checks"].items() if not passed]
    assert (status, data["ready"]) == ((503, False) if failed else (200, True))
    return failed


def test_a_process_that_answers_is_live() -> None:
    response = Client().get("/-/live")
    assert (response.status_code, response.content, response["Cache-Control"]) == (200, b"ok\n", "no-store")
    assert Client(enforce_csrf_checks=True).post("/-/live").status_code == 405


def test_a_site_is_ready_once_a_worker_works(mailbox: Mailbox) -> None:
    assert failing() == ["worker"]
    worker = Worker()
    worker.round()
    worker.transport.close()
    assert ready() == (
        200,
        {
            "ready": True,
            "checks": {"database": True, "migrations": True, "mail": True, "worker": True, "limits": True},
            "warnings": [],
        },
    )


@pytest.mark.parametrize("domain", ["example.org", "example.com", "mail.example.net", "site.example", "x.invalid"])
def test_a_contact_that_nobody_reads_is_complained_of_in_production(settings: Settings, domain: str) -> None:
    petition = factories.make_petition(contact=f"contact@{domain}")
    factories.make_petition(contact="contact@vyzvalenne.by")
    factories.make_petition(contact="contact@notexample.org", publish=False)
    sentence = f"The contact of the petition {petition.slug} is a placeholder"
    (warning,) = ready()[1]["warnings"]
    assert warning.startswith(sentence)
    settings.LOCAL_START = True
    assert ready()[1]["warnings"] == []


@pytest.mark.django_db(transaction=True)
def test_the_log_of_a_start_complains_of_it_too(petition: Petition, caplog: pytest.LogCaptureFixture) -> None:
    complain_of_placeholders()
    assert [record.message for record in caplog.records] == ready()[1]["warnings"]


def test_a_worker_that_is_silent_for_two_minutes_is_missed() -> None:
    beat(timedelta(seconds=121))
    assert failing() == ["worker"]
    beat(timedelta(seconds=110))
    assert failing() == []


def test_mail_that_waits_for_a_quarter_of_an_hour_is_noticed(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    beat()
    factories.sign(visitor, petition)
    let_mails_grow_old(timedelta(minutes=14))
    assert failing() == []
    let_mails_grow_old(timedelta(minutes=2))
    assert failing() == ["mail"]
    mailbox.deliver()
    assert failing() == []


def test_a_migration_that_is_missing_is_noticed() -> None:
    beat()
    MigrationRecorder.Migration.objects.filter(app="signatures").order_by("-id")[:1].get().delete()
    assert failing() == ["migrations"]


def test_metrics_are_for_whoever_bears_the_token_alone(settings: Settings) -> None:
    for given in ("", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}"):
        assert Client().get("/-/metrics", headers={"authorization": given}).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for given in ("", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"bearer  {TOKEN}", f"Bearer {TOKEN}ё"):
        assert Client().get("/-/metrics", headers={"authorization": given}).status_code == 404
    assert Client().get("/-/metrics").status_code == 404
    assert Client().get("/-/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_metrics_count_and_name_nobody(
    petition: Petition, visitor: Client, mailbox: Mailbox, settings: Settings
) -> None:
    settings.METRICS_TOKEN = TOKEN
    factories.make_petition(publish=False)
    factories.make_signature(petition, name="Zyzzyva")
    factories.sign(visitor, petition, name="Zyzzyva")
    response = Client().get("/-/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert response["Content-Type"] == "text/plain; version=0.0.4"
    assert response["Cache-Control"] == "no-store"
    samples = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    assert samples == [
        f'petition_signatures{{petition="{petition.slug}"}} 1',
        "petition_mails_waiting 1",
        "petition_attempts_waiting 1",
    ]
