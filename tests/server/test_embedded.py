"""The embedded PostgreSQL: private, and not misled by what an earlier server or another user left."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from tests.support.waiting import wait_until
from tryout.embedded import EmbeddedPostgres
from tryout.server_account import Account, own_folder
from tryout.start_error import StartError

pytestmark = pytest.mark.xdist_group("servers")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a folder of ours with a cluster whose server is stopped."""
    with tempfile.TemporaryDirectory(prefix="petition embedded ") as name:
        server = EmbeddedPostgres(Path(name), "secret", durable=False)
        server.start()
        server.ensure_database("one")
        server.stop()
        yield Path(name)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """Return a server that is stopped afterwards."""
    server = EmbeddedPostgres(folder, "secret", durable=False)
    yield server
    server.stop()


def ask(server: EmbeddedPostgres, statement: str, url: str = "") -> object:
    """Return the one value that a statement yields."""
    with closing(psycopg2.connect(url or server.url("one"))) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
        assert row
        return row[0]


def test_database_knows_cyrillic_and_its_user_is_no_administrator(server: EmbeddedPostgres) -> None:
    server.start()
    server.ensure_database("one")
    assert ask(server, "SELECT 'Иванов' ILIKE 'иванов'") is True
    assert ask(server, "SELECT current_setting('is_superuser')") == "off"
    assert ask(server, "SELECT current_setting('listen_addresses')") == ""
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700


def test_wrong_password_is_refused(server: EmbeddedPostgres) -> None:
    server.start()
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        ask(server, "SELECT 1", EmbeddedPostgres(server.folder, "another").url("one"))


def test_failing_statement_leaves_no_values_in_the_log(server: EmbeddedPostgres) -> None:
    server.start()
    with pytest.raises(psycopg2.DataError):
        ask(server, "SELECT 1 / length('') -- Zyzzyva-7QK2")
    logged = server.log.read_text(encoding="utf-8")
    assert "division by zero" in logged
    assert "Zyzzyva" not in logged


def test_statement_ends_with_the_process_that_waited_for_it(server: EmbeddedPostgres) -> None:
    server.start()
    code = "import sys, psycopg2; psycopg2.connect(sys.argv[1]).cursor().execute('SELECT pg_sleep(600)')"
    others = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
    with subprocess.Popen([sys.executable, "-c", code, server.url("one")]) as waiting:
        wait_until(lambda: ask(server, others) == 1)
        waiting.kill()
    wait_until(lambda: ask(server, others) == 0)


def test_stale_pid_that_now_is_another_process_does_not_matter(server: EmbeddedPostgres) -> None:
    (server.cluster / "postmaster.pid").write_text(f"{os.getppid()}\n{server.cluster}\n1\n5432\n", encoding="ascii")
    (server.sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getppid()}\n", encoding="ascii")
    server.start()
    assert ask(server, "SELECT 1") == 1


def test_server_that_outlived_its_parent_is_replaced(server: EmbeddedPostgres) -> None:
    server.start()
    first = server.pid
    second = EmbeddedPostgres(server.folder, "secret", durable=False)
    second.start()
    try:
        assert second.pid != first
        assert not server.is_running()
        assert ask(second, "SELECT 1") == 1
    finally:
        second.stop()


def test_cluster_of_another_version_is_left_alone(server: EmbeddedPostgres) -> None:
    version = server.cluster / "PG_VERSION"
    try:
        version.write_text("17\n", encoding="ascii")
        with pytest.raises(StartError, match="made by PostgreSQL 17"):
            server.start()
    finally:
        version.write_text("18\n", encoding="ascii")


def test_link_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(StartError, match="is not a folder"):
        own_folder(tmp_path / "link", Account(os.geteuid(), os.getegid(), is_other=False))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else")
def test_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 12345, 12345)
    with pytest.raises(StartError, match="somebody else"):
        own_folder(tmp_path / "theirs", Account(os.geteuid(), os.getegid(), is_other=False))
