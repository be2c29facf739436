"""A database that may hold what was taken away since is served by no machine, and by no command."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from django.db import connection
from django.db.models import Max
from django.test import Client
from pytest_django import Settings

from signatures.journaling import copy_own, gate, sweep
from signatures.journaling.entries import NOTHING
from signatures.journaling.files import Position, read_journal
from signatures.journaling.gate import Gate, find_problem
from signatures.models import Erasure, Petition, Serving
from signatures.restoring.replaying import apply_journal
from tests.support import factories
from tests.support.erasure_journal import noted, start_journal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("journal")]
RACE_SECONDS = 3.0


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Return the gate of a process that serves, which has not looked yet."""
    own = Gate()
    own.watch()
    monkeypatch.setattr("petition_site.journal.GATE", own)
    monkeypatch.setattr(gate, "CONFIRM_SECONDS", 0.3)
    return own


def lose_the_newest(petition: Petition, journal: Path) -> int:
    """Make the database one that lacks the last act of the journal, and return that one's number."""
    for _ in range(3):
        factories.make_signature(petition).delete()
        noted(journal)
    newest: int = Erasure.objects.aggregate(newest=Max("pk"))["newest"]
    Erasure.objects.filter(pk=newest).delete()
    return newest


def look_anew(watching: Gate) -> bool:
    """Return whether the site is closed once its process looks again."""
    watching._look_at = 0.0
    return watching.is_closed()


# What is compared


def test_the_highest_number_of_the_database_never_falls_behind_that_of_the_journal(
    petition: Petition, journal: Path
) -> None:
    position = Position()

    def check() -> None:
        highest = Erasure.objects.aggregate(highest=Max("pk"))["highest"]
        assert highest >= position.newest() > 0

    for _ in range(3):
        factories.make_signature(petition).delete()
        copy_own()
        check()
        copy_own()
        check()
        assert Erasure.objects.count() == 1
        # As another process leaves it.
        Erasure.objects.update(backend=1, noted_at=datetime.now(UTC) - timedelta(seconds=6))
        sweep()
        check()
        assert [one.about for one in Erasure.objects.all()] == [NOTHING]


def test_a_database_that_is_older_than_the_journal_or_not_finished_serves_nobody(
    petition: Petition, visitor: Client, journal: Path, watching: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    assert visitor.get("/en/").status_code in (200, 302)
    lose_the_newest(petition, journal)
    with connection.cursor() as cursor:
        # As PostgreSQL does after a crash: the numbers go on further than what was written.
        cursor.execute("SELECT setval('signatures_erasure_id_seq', 1000000)")
    found = find_problem(Position())
    assert found is not None
    assert "journal knows of acts" in found.sentence
    assert look_anew(watching)
    answer = visitor.get("/en/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert visitor.get("/-/live").status_code == 200
    assert caplog.text.count("journal knows of acts") == 1


def test_a_journal_that_was_applied_lets_the_database_serve_again(
    petition: Petition, journal: Path, watching: Gate
) -> None:
    lose_the_newest(petition, journal)
    assert watching.is_closed()
    Erasure.objects.all().delete()
    with connection.cursor() as cursor:
        # As in a database that was loaded from a dump.
        cursor.execute("SELECT setval('signatures_erasure_id_seq', 1)")
    # Nothing has to be taken away: what it is about is gone already.
    apply_journal(read_journal([journal]).entries, backup="a test")
    Serving.objects.create(pk=1)
    assert not look_anew(watching)


# Who is told


def test_all_machines_close_once_one_finds_the_database_behind_and_stay_closed(
    petition: Petition, watching: Gate, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = settings.ERASURE_JOURNAL
    settings.ERASURE_JOURNAL = tmp_path / "of the other machine"
    other = Gate()
    other.watch()
    assert not other.is_closed()
    settings.ERASURE_JOURNAL = journal
    start_journal(journal)
    lose_the_newest(petition, journal)
    assert watching.is_closed()
    assert not Serving.objects.exists()
    assert caplog.text.count("No machine serves") == 1
    settings.ERASURE_JOURNAL = tmp_path / "of the other machine"
    assert look_anew(other)
    # Whatever still comes in.
    for _ in range(3):
        factories.make_signature(petition).delete()
    settings.ERASURE_JOURNAL = journal
    assert look_anew(watching)
    Serving.objects.create(pk=1)
    assert not look_anew(watching)


def test_a_server_that_catches_up_in_a_moment_closes_nothing_for_good(
    petition: Petition, journal: Path, watching: Gate
) -> None:
    newest = lose_the_newest(petition, journal)

    def catch_up() -> None:
        time.sleep(0.1)
        with other_connection() as cursor:
            cursor.execute("INSERT INTO signatures_erasure (id, about) VALUES (%s, 'nothing')", [newest])

    late = threading.Thread(target=catch_up)
    late.start()
    assert watching.is_closed()
    late.join()
    assert Serving.objects.exists()
    assert not watching.is_closed()


# The first look


def test_nothing_is_served_before_the_database_was_asked(
    visitor: Client, watching: Gate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "HOST", "/nowhere/at/all")
        for _ in range(3):
            assert visitor.get("/en/").status_code == 503
            watching._look_at = 0.0
        assert visitor.get("/-/live").status_code == 200
        assert caplog.text.count("Nothing is served until the database was asked") == 1
    assert not look_anew(watching)
    assert visitor.get("/en/").status_code in (200, 302)
    connection.close()
    # What was found out stays so while the database is away.
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "HOST", "/nowhere/at/all")
        assert not look_anew(watching)


def test_whoever_comes_while_the_first_look_takes_long_waits_for_it(watching: Gate) -> None:
    answers: list[bool] = []

    def come() -> None:
        answers.append(watching.is_closed())
        connection.close()

    visitors = [threading.Thread(target=come) for _ in range(3)]
    with other_connection() as cursor:
        cursor.execute("BEGIN; LOCK TABLE signatures_serving IN ACCESS EXCLUSIVE MODE")
        for one in visitors:
            one.start()
        time.sleep(0.5)
        assert answers == []
        cursor.execute("COMMIT")
    for one in visitors:
        one.join()
    assert answers == [False] * 3


def test_who_looks_while_others_write_the_journal_never_finds_the_database_behind(journal: Path) -> None:
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            Erasure.objects.create(about=NOTHING)
            copy_own()
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for one in writers:
        one.start()
    position, looks, until = Position(), 0, time.monotonic() + RACE_SECONDS
    try:
        while time.monotonic() < until:
            assert find_problem(position) is None
            looks += 1
    finally:
        is_over.set()
        for one in writers:
            one.join()
    assert looks > 20
    assert position.newest() > 20


@contextmanager
def other_connection() -> Iterator[psycopg2.extensions.cursor]:
    """Yield a cursor of another process's connection to the test's database."""
    with closing(psycopg2.connect(**connection.get_connection_params())) as opened:
        opened.autocommit = True
        with opened.cursor() as cursor:
            yield cursor
