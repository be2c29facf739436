"""The worker rewrites what something was erased in, and holds up nobody while somebody is in its way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from signatures.models import Petition, Rewrite, Signature
from signatures.models.rewrite import VALUES
from signatures.moderating import rewriting
from signatures.moderating.rewriting import rewrite_erased
from signatures.worker import Worker
from tests.support import factories
from tests.support.database import at_once, query
from tests.support.mailbox import Mailbox
from tests.support.readiness import warnings_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = "public.signatures_signature"


@pytest.fixture
def erased(petition: Petition) -> Petition:
    """Return a petition with a signature left of two, on the day after one was erased."""
    signature = factories.make_signature(petition, name="Gone")
    factories.make_signature(petition, name="Stays")
    Signature.objects.filter(pk=signature.pk).delete()
    Rewrite.objects.look()
    query("UPDATE signatures_rewrite SET clean_at = clean_at - interval '25 hours'")
    return petition


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker give up soon."""
    monkeypatch.setattr(rewriting, "READERS_WAIT_SECONDS", 0.2)
    monkeypatch.setattr(rewriting, "PAUSE_SECONDS", 0.05)


@contextmanager
def somebody_else() -> Iterator[Any]:
    """Yield another connection's cursor, in a transaction of its own."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            yield cursor
        finally:
            other.close()


def rewrite_in_thread() -> None:
    """Rewrite, and leave no connection behind."""
    rewrite_erased()
    connection.close()


def rewritten_at_last() -> list[str]:
    """Rewrite until the signatures were among the tables; transactions of other databases of the server end by then."""
    done: list[str] = []

    def has_names() -> bool:
        done.extend(rewrite_erased())
        return NAMES in done

    wait_until(has_names)
    return done


def file_of_names() -> int:
    """Return the number of the file of all signatures."""
    return int(query("SELECT pg_relation_filenode('signatures_signature')")[0][0])


def test_the_worker_writes_tables_anew_says_so_and_does_it_once(
    erased: Petition, mailbox: Mailbox, settings: Settings
) -> None:
    before = file_of_names()
    assert "could not be rewritten" in warnings_of(settings)
    assert NAMES in warnings_of(settings)
    worker = Worker()

    def comes_round() -> bool:
        worker.due = [0.0] * len(worker.due)
        worker.round()
        return file_of_names() != before

    wait_until(comes_round)
    worker.transport.close()
    after = file_of_names()
    assert query("SELECT name FROM signatures_signature") == [("Stays",)]
    assert "could not be rewritten" not in warnings_of(settings)
    assert rewrite_erased() == []
    assert file_of_names() == after


def test_the_samples_come_last_since_the_others_are_sampled_anew(erased: Petition) -> None:
    done = rewritten_at_last()
    assert NAMES in done
    assert done[-1] == "pg_catalog.pg_statistic"
    # No sample is left of the country, say, of somebody who has gone.
    sampled = "SELECT last_analyze > (SELECT clean_at FROM signatures_rewrite WHERE name = %s) FROM pg_stat_user_tables"
    assert query(f"{sampled} WHERE relid = 'signatures_signature'::regclass", [NAMES]) == [(True,)]


def test_what_somebody_may_still_see_is_not_taken_for_erased(erased: Petition, impatient: None) -> None:
    with somebody_else() as cursor:
        # Looks at another table alone, so that no lock is in the way.
        cursor.execute("SELECT count(*) FROM signatures_textversion")
        query("DELETE FROM signatures_signature")
        assert NAMES not in rewrite_erased()
        assert Rewrite.objects.overdue()
    assert NAMES in rewritten_at_last()
    assert query("SELECT pg_relation_size('signatures_signature')") == [(0,)]


def test_what_was_erased_while_somebody_writes_is_not_taken_for_gone_though_nobody_looks(
    erased: Petition, impatient: None
) -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        try:
            # A transaction that has a number, and no snapshot that would keep others from being forgotten.
            cursor.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            cursor.execute("INSERT INTO signatures_suppression (mail_key) VALUES ('k')")
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
            query("DELETE FROM signatures_signature")
            assert query("SELECT backend_xmin IS NULL FROM pg_stat_activity WHERE pid = %s", [pid]) == [(True,)]
            assert NAMES not in rewrite_erased()
            assert Rewrite.objects.overdue()
        finally:
            other.close()
    assert NAMES in rewritten_at_last()
    assert query("SELECT pg_relation_size('signatures_signature')") == [(0,)]


def test_a_list_that_is_being_made_is_not_waited_for_and_nobody_waits_behind_the_worker(
    erased: Petition, impatient: None
) -> None:
    waits = []

    def sign() -> None:
        for _ in range(40):
            begin = time.monotonic()
            factories.make_signature(erased)
            waits.append(time.monotonic() - begin)
        connection.close()

    with somebody_else() as cursor:
        cursor.execute("SELECT count(*) FROM signatures_signature")
        # Snapshots that come later do not matter here, the lock does.
        monkey = pytest.MonkeyPatch()
        monkey.setattr(rewriting, "_is_unseen", lambda *_: True)
        thread = threading.Thread(target=sign)
        thread.start()
        try:
            assert NAMES not in rewrite_erased()
        finally:
            monkey.undo()
            thread.join()
    assert len(waits) == 40
    assert max(waits) < 2
    assert NAMES in rewritten_at_last()


def test_two_workers_do_not_do_it_twice(erased: Petition) -> None:
    done: list[str] = []

    def is_done() -> bool:
        # A transaction of another database of the server may be in the way for a moment.
        for names in at_once(rewrite_erased, rewrite_erased):
            done.extend(names)
        return NAMES in done

    wait_until(is_done)
    assert done.count(NAMES) == 1
    assert len(done) == len(set(done))


def test_a_worker_that_is_cut_off_leaves_it_to_be_done_again(erased: Petition) -> None:
    before = file_of_names()
    with somebody_else() as cursor:
        cursor.execute("SELECT count(*) FROM signatures_textversion")
        query("DELETE FROM signatures_outgoingmail")
        thread = threading.Thread(target=rewrite_in_thread)
        thread.start()
        lock = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {rewriting.REWRITE_LOCK}"  # noqa: S608
        while not query(lock):
            time.sleep(0.01)
        query(f"SELECT pg_terminate_backend(pid) FROM ({lock}) AS worker")  # noqa: S608
        thread.join(30)
        assert not thread.is_alive()
    assert file_of_names() == before
    assert NAMES in rewritten_at_last()


def test_what_the_account_may_not_rewrite_is_warned_of(
    erased: Petition, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # PostgreSQL's table of accounts, which belongs to its administrator: it refuses with no more than a warning.
    monkeypatch.setitem(VALUES, "samples", "pg_catalog.pg_authid")
    Rewrite.objects.look()
    query("UPDATE signatures_rewrite SET clean_at = clean_at - interval '25 hours'")
    assert NAMES in rewritten_at_last()
    assert "pg_catalog.pg_authid could not be rewritten" in warnings_of(settings)
