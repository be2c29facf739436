"""The doctor looks at the database of these tests, which is fast and forgets: exactly that is wrong with it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from petition_site.server.options import WebServer
from signatures.doctor.database import (
    LOST,
    check_connections,
    check_database,
    check_pooler,
    check_settings_of_database,
)
from signatures.doctor.findings import Level
from signatures.doctor.roles import check_roles
from signatures.doctor.schema import check_schema
from signatures.models.pooling import Pooling, pooling_of
from signatures.models.writability import writing_failure
from tests.support.database import query
from tests.support.doctor import complaints, said

pytestmark = pytest.mark.django_db


def test_the_database_of_the_tests_answers_and_takes_signatures() -> None:
    assert complaints(check_database) == []
    before = query("SELECT count(*) FROM signatures_workerbeat")
    assert writing_failure() is None
    assert query("SELECT count(*) FROM signatures_workerbeat") == before


def test_a_database_that_takes_no_writes_is_told_of() -> None:
    with transaction.atomic():
        query("SET LOCAL transaction_read_only = on")
        (sentence,) = said(check_database)
        assert sentence == "The database cannot take a signature (ReadOnlySqlTransaction)."
        transaction.set_rollback(True)


def test_a_database_that_would_lose_answered_signatures_is_told_of() -> None:
    assert said(check_settings_of_database) == [
        f"PostgreSQL has {name} = off: {LOST}." for name in sorted(["fsync", "full_page_writes", "synchronous_commit"])
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("default_transaction_isolation", "serializable"), ("client_connection_check_interval", "0")],
)
def test_a_setting_of_the_session_is_seen(name: str, value: str) -> None:
    query(f"SET LOCAL {name} = '{value}'")
    (sentence,) = said(check_settings_of_database, Level.WARN)
    assert sentence.startswith(f"PostgreSQL has {name} = {value}: ")


def test_more_threads_than_connections_are_told_of(settings: Settings) -> None:
    assert complaints(check_connections) == []
    settings.WEB_SERVER = WebServer([], [], onion_circuits=False, workers=50, threads=16, request_seconds=20)
    (sentence,) = said(check_connections)
    assert "need 815 connections" in sentence


def test_a_role_that_owns_the_tables_is_told_of_and_on_a_trial_no_harm(settings: Settings) -> None:
    (sentence,) = said(check_roles)
    assert "can switch off the triggers" in sentence
    settings.LOCAL_START = True
    assert said(check_roles) == []
    assert said(check_roles, Level.WARN) == ["On a trial one role owns and serves."]


def test_a_database_that_is_older_than_the_code_is_told_of() -> None:
    assert complaints(check_schema) == []
    MigrationRecorder.Migration.objects.filter(app="signatures", name="0024_no_samples").delete()
    (sentence,) = said(check_schema)
    assert sentence.startswith("The database is older than the code: ")


def test_a_database_that_is_newer_than_the_code_is_told_of() -> None:
    MigrationRecorder.Migration.objects.create(app="signatures", name="9999_of_tomorrow")
    (sentence,) = complaints(check_schema)
    assert sentence == "The database is newer than the code: 1 of its migrations are unknown here."


def test_another_program_in_the_same_database_is_told_of() -> None:
    MigrationRecorder.Migration.objects.create(app="blog", name="0001_initial")
    (sentence,) = complaints(check_schema)
    assert sentence == "The database has seen 1 migrations of other programs."


def test_earlier_migrations_that_others_stand_for_now_are_known() -> None:
    MigrationRecorder.Migration.objects.create(app="signatures", name="0035_any_language")
    assert complaints(check_schema) == []


@pytest.mark.django_db(transaction=True)
def test_without_a_pooler_nothing_further_is_opened() -> None:
    assert pooling_of() == Pooling.NONE
    assert complaints(check_pooler) == []
    assert connection.connection is not None
