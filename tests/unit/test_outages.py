"""Which errors count as an outage, and which as our own."""

from __future__ import annotations

import psycopg2
import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection
from django.db.utils import DatabaseErrorWrapper
from redis.exceptions import ConnectionError as RedisConnectionError

from signatures.outages import is_outage


def as_django_raises(error: psycopg2.Error) -> Exception:
    """Return a driver's error as wrapped by Django."""
    with pytest.raises(DatabaseError) as caught, DatabaseErrorWrapper(connection):
        raise error
    return caught.value


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("the database system is starting up"),
        InterfaceError("connection already closed"),
        RedisConnectionError("refused"),
    ],
)
def test_an_unreachable_server_is_an_outage(error: Exception) -> None:
    assert is_outage(error)


def test_a_server_that_dies_while_it_answers_is_an_outage() -> None:
    assert is_outage(as_django_raises(psycopg2.DatabaseError("server closed the connection unexpectedly")))


@pytest.mark.parametrize(
    "error", [psycopg2.IntegrityError("x"), psycopg2.DataError("x"), psycopg2.ProgrammingError("x")]
)
def test_a_refused_statement_is_no_outage(error: psycopg2.Error) -> None:
    assert not is_outage(as_django_raises(error))


@pytest.mark.parametrize("error", [None, ValueError("x"), IntegrityError("x"), DatabaseError("x")])
def test_any_other_error_is_no_outage(error: Exception | None) -> None:
    assert not is_outage(error)
