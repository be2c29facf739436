"""Prepared statements, which a connection plans once."""

from __future__ import annotations

from contextlib import closing

import pytest
from django.db import OperationalError, connection, transaction

from signatures.models.prepared import PreparedStatement
from signatures.outages import is_outage
from tests.support.database import query

pytestmark = pytest.mark.django_db(transaction=True)
SUM = PreparedStatement(
    "prepared_sum",
    "SELECT %(first)s + %(second)s + %(first)s, %(word)s",
    {"first": "integer", "second": "integer", "word": "text"},
)


def run(first: int | None, second: int, word: str = "") -> tuple[int | None, str]:
    """Run the statement and return its row."""
    with connection.cursor() as cursor:
        SUM.execute(cursor, {"first": first, "second": second, "word": word})
        row: tuple[int | None, str] = cursor.fetchone()
        return row


def prepared() -> list[tuple[int]]:
    """Return how many statements of this name the connection knows."""
    return query("SELECT count(*)::int FROM pg_prepared_statements WHERE name = 'prepared_sum'")


def test_it_is_prepared_once_and_takes_values_as_they_are() -> None:
    assert run(1, 2, "100 % 'Ў'; --") == (4, "100 % 'Ў'; --")
    assert run(None, 2) == (None, "")
    assert prepared() == [(1,)]


def test_another_connection_prepares_its_own() -> None:
    run(1, 2)
    connection.close()
    assert prepared() == [(0,)]
    assert run(2, 2) == (6, "")


def test_a_transaction_that_is_rolled_back_leaves_it_usable() -> None:
    connection.close()
    with transaction.atomic():
        run(1, 2)
        transaction.set_rollback(True)
    assert run(3, 1) == (7, "")


def test_it_is_planned_once_however_often_it_runs() -> None:
    connection.close()
    for number in range(8):
        run(number, 1)
    plans = query("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = 'prepared_sum'")
    assert plans == [(8, 0)]


def test_it_is_planned_once_even_if_its_first_run_failed() -> None:
    connection.close()
    with transaction.atomic():
        run(0, 1)
        transaction.set_rollback(True)
    with transaction.atomic():
        with transaction.atomic():
            run(1, 1)
            transaction.set_rollback(True)
        run(2, 1)
    for number in range(8):
        run(number, 1)
    plans = query("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = 'prepared_sum'")
    assert plans == [(11, 0)]


def test_a_server_that_dies_before_it_has_planned_it_is_an_outage() -> None:
    connection.close()
    ((process,),) = query("SELECT pg_backend_pid()")
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    with pytest.raises(OperationalError) as found:
        run(1, 2)
    assert is_outage(found.value)
    connection.close()
    assert run(1, 2) == (4, "")
