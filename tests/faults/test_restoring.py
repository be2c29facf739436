"""The server burns down, and a backup is restored: nobody who left comes back, and nothing that it held is lost."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg2
import pytest

from tests.support.environment import FERNET_KEY
from tests.support.faults.backups import Operator
from tests.support.faults.leaving import (
    CONFIRMED,
    UNLIMITED,
    People,
    back_up_under_load,
    confirm,
    let_people_leave,
    let_people_sign,
    name_of,
    wait_for,
)
from tests.support.server.web_site import WebSite, administrate, new_database
from tryout.embedded import EmbeddedPostgres

pytestmark = pytest.mark.xdist_group("faults")
LOADED, EMPTY = "loaded", "empty"
GONE: list[str] = []
STATES = "SELECT id, state, visibility, name, name_review FROM signatures_signature"


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Return somebody who has a key and folders."""
    return Operator(tmp_path)


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> Iterator[str]:
    """Return the address of an empty database on the same server."""
    postgres.ensure_database(EMPTY)
    with new_database(EMPTY, postgres.url("postgres")) as (_, url):
        yield url


@pytest.fixture
def url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """Return the address of a database with the first petition."""
    with new_database(LOADED, postgres.url("postgres")) as (_, address):
        yield address


@pytest.fixture
def sites(url: str, tmp_path: Path) -> Iterator[list[WebSite]]:
    """Return two machines that serve from one database, each with a journal of its own."""
    with ExitStack() as stack:
        running = []
        for name in ("first", "second"):
            folder = tmp_path / name
            folder.mkdir()
            env = {**UNLIMITED, "ERASURE_JOURNAL": str(folder / "journal")}
            site = WebSite(url, folder, env=env)
            site.start()
            stack.callback(site.stop)
            running.append(site)
        yield running


def test_nobody_who_left_is_back_and_nothing_counted_is_lost(
    sites: list[WebSite], operator: Operator, empty: str
) -> None:
    people = let_people_sign(sites)
    file = back_up_under_load(operator, sites[0])
    let_people_leave(people)
    for site in sites:
        site.stop()
    journals = [site.folder / "journal" for site in sites]
    told = operator.restore(empty, file, *journals, env=sites[0].env)
    assert "This database may serve." in told

    with closing(psycopg2.connect(empty)) as connection, connection.cursor() as cursor:
        cursor.execute(STATES)
        restored = {pk: row for pk, *row in cursor.fetchall()}
    state = {address: restored.get(number, GONE) for address, number in people.number_of.items()}
    assert [state[one] for one in [*people.withdrawn, *people.answered]] == [GONE] * (8 + len(people.answered))
    assert [state[one][1] for one in people.lowered] == ["DELIVERED"] * 4
    assert [state[one][1:3] for one in (*people.counted, people.renamed)] == [["COUNTED", None]] * 3
    assert [state[one][0] for one in people.removed] == ["REMOVED"] * 3
    assert [state[one][3] for one in people.hidden] == ["HIDDEN"] * 2
    names = [name_of(people.addresses.index(one)) for one in people.kept]
    assert [state[one][:3] for one in people.kept] == [["CONFIRMED", "PUBLIC", name] for name in names]
    expected = CONFIRMED - len(people.removed) - sum(row == GONE for row in state.values())
    assert sum(row[0] == "CONFIRMED" for row in restored.values()) == expected
    assert f"belarus-political-prisoners: {expected}\n" in told
    check_that_it_serves(people, empty, operator.folder / "third", journals[0])
    assert operator.run(empty, "check_tally", **sites[0].env)[0] == 0


def check_that_it_serves(people: People, url: str, folder: Path, journal: Path) -> None:
    """Let people use the links in their mails, and take away the leave to serve as a restore by hand would."""
    folder.mkdir()
    site = WebSite(url, folder, env={**UNLIMITED, "ERASURE_JOURNAL": str(journal)})
    site.start()
    try:
        assert site.get(people.link(people.kept[0])).status == 200
        people.act(site, people.kept[0], "WITHDRAW")
        assert confirm(site, people.codes[people.still]) == 303
        assert confirm(site, people.codes[people.never]) == 404
        site.query("DELETE FROM signatures_serving")
        wait_for(site, 503)
        assert site.get("/-/live").status == 200
        assert "restore --in-place" in site.log
        site.query("INSERT INTO signatures_serving VALUES (1)")
        wait_for(site, 200)
    finally:
        site.stop()


def serves(url: str) -> bool:
    """Return whether a database may serve."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('signatures_serving') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return False
        cursor.execute("SELECT count(*) FROM signatures_serving")
        return cursor.fetchone() == (1,)


def test_a_restore_that_is_killed_is_repeated_and_nothing_is_loaded_over_what_is_there(
    url: str, operator: Operator, empty: str, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    journal.mkdir()
    env = {"ERASURE_JOURNAL": str(journal)}
    file = operator.backup(url, **env)
    words = operator.restore_words(file, journal)
    for seconds in (0.7, 1.0):
        with operator.start(empty, *words, **env) as process:
            time.sleep(seconds)
            process.kill()
    # A fast machine may be done before it is killed.
    if not serves(empty):
        assert "This database may serve." in operator.restore(empty, file, journal, env=env)
    assert serves(empty)
    code, told = operator.run(empty, *words, **env)
    assert (code, "nothing is loaded over another" in told) == (1, True)
    # What was restored in another way.
    code, told = operator.run(empty, "restore", "--in-place", "--journal", str(journal), **env)
    assert (code, "This database may serve." in told) == (0, True)


def test_what_does_not_fit_stops_with_a_sentence_and_loads_nothing(
    url: str, operator: Operator, empty: str, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    journal.mkdir()
    env = {"ERASURE_JOURNAL": str(journal)}
    file = operator.backup(url, **env)

    def refused(*words: str, **more: str) -> str:
        code, told = operator.run(empty, *words, **{**env, **more})
        assert code == 1, told
        with closing(psycopg2.connect(empty)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
            assert cursor.fetchone() == (0,)
        return told

    stranger = tmp_path / "stranger"
    stranger.mkdir()
    other = Operator(stranger)
    assert "not the key of BACKUP_RECIPIENT" in refused(*other.restore_words(file, journal))
    words = operator.restore_words(file, journal)
    told = refused(*words, ENCRYPTION_KEYS=FERNET_KEY.format("x"))
    assert "other secrets: ENCRYPTION_KEYS" in told
    assert "is no folder" in refused(*operator.restore_words(file, tmp_path / "nowhere"))
    (journal / "2026-01-01-x.journal").write_text("rubbish\n", encoding="ascii")
    assert "cannot be read" in refused(*words)
    (journal / "2026-01-01-x.journal").unlink()
    whole = file.read_bytes()
    file.write_bytes(whole[:-1000])
    assert "not as it was written" in refused(*words)
    file.with_name(file.name.replace(".dump.age", ".json")).unlink()
    assert "was not loaded" in refused(*words)
    file.write_bytes(whole)
    assert "This database may serve." in operator.restore(empty, file, journal, env=env)


def test_tables_that_somebody_has_just_made_are_not_taken_for_a_backup_that_was_loaded(
    url: str, operator: Operator, empty: str, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    env = {"ERASURE_JOURNAL": str(journal)}
    file = operator.backup(url, **env)
    # After a restore that was refused: the tables are made, and the site that was started closes itself.
    assert operator.run(empty, "migrate", **env)[0] == 0
    administrate(empty, "DELETE FROM signatures_serving")
    for _ in range(2):
        code, told = operator.run(empty, *operator.restore_words(file, journal), **env)
        assert (code, "The database is not empty" in told, serves(empty)) == (1, True, False)
        file.with_name(file.name.replace(".dump.age", ".json")).unlink(missing_ok=True)


def test_a_journal_that_does_not_know_the_backup_stops_it_also_without_a_manifest_unless_it_is_lost(
    url: str, operator: Operator, empty: str, tmp_path: Path
) -> None:
    journal, wrong = tmp_path / "journal", tmp_path / "wrong"
    wrong.mkdir()
    env = {"ERASURE_JOURNAL": str(journal)}
    file = operator.backup(url, **env)
    # They are called by the second.
    time.sleep(1.1)
    another = operator.backup(url, **env)
    words = operator.restore_words(file, wrong)
    env = {"ERASURE_JOURNAL": str(tmp_path / "new")}

    code, told = operator.run(empty, *words, **env)
    assert (code, "do not say that this backup was made" in told, "loaded" in told) == (1, True, False)
    file.with_name(file.name.replace(".dump.age", ".json")).unlink()
    code, told = operator.run(empty, *words, **env)
    assert (code, "do not say that this backup was made" in told, "loaded: yes" in told) == (1, True, True)
    code, told = operator.run(empty, *operator.restore_words(another, journal), **env)
    assert (code, "The database is not empty" in told, serves(empty)) == (1, True, False)
    with closing(psycopg2.connect(empty)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('signatures', '9999_x', now())")
    code, told = operator.run(empty, *words, "--journal-is-lost", **env)
    assert (code, "made by a newer version" in told, serves(empty)) == (1, True, False)
    with closing(psycopg2.connect(empty)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_x'")
    told = operator.restore(empty, file, journal, env=env)
    assert ("This database may serve." in told, "INCOMPLETE" in told, "ERASURE_JOURNAL: 2" in told) == (
        True,
        False,
        True,
    )
    assert re.search(r"journal [0-9a-f]{16}: ends with 20\d\d-", told)
    assert [path.name for path in (tmp_path / "new").glob("*.journal")] == [
        path.name for path in journal.glob("*.journal")
    ]

    code, told = operator.run(empty, "restore", "--in-place", "--journal", str(wrong), **env)
    assert (code, "do not say" in told, serves(empty)) == (1, True, False)
    code, told = operator.run(empty, "restore", "--in-place", "--journal", str(wrong), "--journal-is-lost", **env)
    assert (code, "THE JOURNAL IS INCOMPLETE" in told, serves(empty)) == (0, True, True)
    with closing(psycopg2.connect(empty)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT details FROM signatures_auditentry WHERE action = 'BACKUP_RESTORED' ORDER BY id")
        assert [details for (details,) in cursor.fetchall()] == [{}, {"journal_is_lost": True}]
