"""Why PostgreSQL lets nobody in stands in the log, in its own words and without names."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import DatabaseError, OperationalError, transaction

from petition_site.server.logs import TypeOnlyFormatter
from signatures.outages import HOST_UNKNOWN, is_outage, refusal_of
from tests.support.database import query
from tests.support.server.web_site import administrate

SECRET = "Zyzzyva"


def refused(**named: object) -> psycopg2.OperationalError:
    """Connect to the server of the tests with these changes, and return what it refuses us with."""
    with pytest.raises(psycopg2.OperationalError) as caught, closing(_connect(**named)):
        pass
    return caught.value


def _connect(**named: object) -> psycopg2.extensions.connection:
    parameters = psycopg2.extensions.parse_dsn(os.environ["TEST_DATABASE_URL"])
    opened: psycopg2.extensions.connection = psycopg2.connect(**{**parameters, **named})
    return opened


@contextmanager
def role_without_room() -> Iterator[str]:
    """Create a database that lets nobody in."""
    name = "zyzzyva_full"
    url = os.environ["TEST_DATABASE_URL"]
    administrate(url, "CREATE DATABASE {} CONNECTION LIMIT 0", name)
    try:
        yield name
    finally:
        administrate(url, "DROP DATABASE {}", name)


def test_a_wrong_password_is_told_without_the_account() -> None:
    error = refused(password=SECRET)
    assert refusal_of(error) == "FATAL: password authentication failed for user …"


def test_an_unknown_database_is_told_without_its_name() -> None:
    assert refusal_of(refused(dbname=SECRET)) == "FATAL: database … does not exist"


def test_a_database_that_takes_no_more_connections_is_told() -> None:
    with role_without_room() as name:
        assert refusal_of(refused(dbname=name)) == "FATAL: too many connections for database …"


def test_a_server_that_is_not_there_is_told_without_its_address() -> None:
    assert refusal_of(refused(host="127.0.0.1", port=1)) == "Connection refused"
    assert refusal_of(refused(host=f"{SECRET}.invalid")) == HOST_UNKNOWN
    assert refusal_of(refused(host=f"/{SECRET}")) == "No such file or directory"


def test_a_rule_of_pg_hba_is_told_without_addresses() -> None:
    error = psycopg2.OperationalError(
        'connection to server at "db.example.org" (192.0.2.7), port 5432 failed: FATAL:  no pg_hba.conf entry for host'
        ' "192.0.2.9", user "petition", database "petition", no encryption\n'
    )
    assert refusal_of(error) == "FATAL: no pg_hba.conf entry for host …, user …, database …, no encryption"
    english = 'connection to server at "2001:db8::7", port 5432 failed: FATAL:  sorry 2001:db8::7 and 192.0.2.7\n'
    assert refusal_of(psycopg2.OperationalError(english)) == "FATAL: sorry … and …"


STATEMENTS = ["SELECT %s::int", "SELECT 1 / (length(%s) - 7)", "SELECT %s FROM nowhere", "SELECT %s, pg_sleep(9)"]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_a_statement_fails_with_is_never_told(statement: str) -> None:
    query("SET LOCAL statement_timeout = 100")
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        query(statement, [SECRET])
    assert refusal_of(caught.value) == ""
    assert refusal_of(caught.value.__cause__) == ""


def test_what_is_no_refusal_is_never_told() -> None:
    assert refusal_of(psycopg2.OperationalError(f"could not write {SECRET}")) == ""
    assert refusal_of(ValueError(SECRET)) == ""
    assert refusal_of(None) == ""


def test_the_log_of_an_outage_has_the_sentence_once() -> None:
    error = OperationalError(SECRET)
    error.__cause__ = refused(password=SECRET)
    record = logging.LogRecord("site", logging.ERROR, "file", 1, "away", (), (type(error), error, None))
    text = TypeOnlyFormatter("{message}", style="{").format(record)
    assert is_outage(error)
    assert text.count("FATAL: password authentication failed") == 1
    assert SECRET not in text
    assert str(urlsplit(os.environ["TEST_DATABASE_URL"]).username) not in text.split("FATAL")[1]
