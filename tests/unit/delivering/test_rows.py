"""A snapshot of the database is read by a thread that may be abandoned at any time."""

from __future__ import annotations

import io
import threading
import time
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from psycopg2 import sql

from signatures.delivering import rows
from signatures.delivering.columns import Layout
from signatures.delivering.downloads import start_file
from signatures.models import Delivery, Petition
from tests.support import factories
from tests.support.database import rows_read
from tests.support.name_lists import add_signatures, recipient_of

SECONDS_MAX = 10


@pytest.fixture
def hand_over(transactional_db: None) -> Delivery:
    """Return a hand-over whose list is written in several blocks."""
    petition = factories.make_petition()
    add_signatures(petition, [f"Signer {number}" for number in range(12)])
    Petition.objects.update(opens_at="2011-01-01T00:00Z")
    petition.signatures.update(
        first_confirmed_at="2020-01-01T00:00Z", current_since="2020-01-01T00:00Z", last_confirmed_at="2020-01-01T00:00Z"
    )
    return factories.make_delivery(petition, with_workbook=False, with_document=False)


def test_nobody_closes_the_connection_while_a_block_is_being_read(
    hand_over: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BLOCK_ROWS", 3)
    reading, opened, states = threading.Event(), [], []
    connect = rows.Snapshot.__init__

    def remember(self: rows.Snapshot) -> None:
        connect(self)
        opened.append(self)

    class SlowBuffer(io.BytesIO):
        def write(self, data: Any) -> int:
            reading.set()
            time.sleep(0.2)
            states.append(opened[-1]._raw.closed)
            return super().write(data)

    monkeypatch.setattr(rows.Snapshot, "__init__", remember)
    with closing(start_file(delivery=hand_over, name="signatures.csv", actor=None)) as chunks:
        monkeypatch.setattr(rows, "io", SimpleNamespace(BytesIO=SlowBuffer))
        while not reading.is_set():
            next(chunks)
        reading.clear()
        assert reading.wait(SECONDS_MAX), "the block after the one that was taken is read ahead"
    assert opened[-1]._raw.closed
    time.sleep(0.3)
    assert states
    assert not any(states)


@pytest.mark.django_db(transaction=True)
def test_a_block_of_a_long_list_reads_its_own_rows_and_not_all_that_come_after_it(petition: Petition) -> None:
    add_signatures(petition, [f"Signer {number}" for number in range(6000)])
    with connection.cursor() as cursor, closing(rows.Snapshot()) as snapshot:
        cursor.execute("ANALYZE signatures_signature")
        names = rows.NameList(snapshot, recipient_of(petition, "Parliament"), Layout("en", ","))
        (last,) = snapshot.row(names.block_end(0, 100))
        for statement in (names.block_end(0, 100), names.block(0, last, 0)):
            cursor.execute(sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) {}").format(statement))
            ((plan,),) = cursor.fetchall()
            assert 100 <= rows_read(plan[0]["Plan"]) <= 200
