"""Public pages and exports are read from a copy of the database while that is recent, and else from the primary."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from petition_site.page_cache import LIFETIME_SECONDS
from signatures.replica import AWAY_SECONDS, LAG_SECONDS_MAX, LATE
from tests.support.cluster.debian_postgres import DebianPostgres, servers_folder
from tests.support.programs import require_program
from tests.support.server.local_site import free_port
from tests.support.server.nginx_front import wait_for
from tests.support.server.web_site import PETITION_PATH, WebSite, manage, signer

pytestmark = pytest.mark.xdist_group("servers")

DATABASE = "petition"
TOKEN = "a token of the tests"
NEWS = "Новость на сегодня"
PAGES = ("updates/", "ledger/", "signers/")
PATHS = [f"/{language}{PETITION_PATH[3:]}{page}" for page in PAGES for language in ("ru", "en")]
ALIAS = "from signatures.delivering.rows import Snapshot; print('read from', Snapshot()._own.alias)"
# Tries each copy that the address leads to, even after one was found to be late.
SEEN = """
from psycopg2 import sql
from signatures.delivering.rows import Snapshot
from signatures.replica import welcome_replica

for _ in range(3):
    welcome_replica()
    snapshot = Snapshot()
    (amount,) = snapshot.row(sql.SQL("SELECT count(*) FROM signatures_update"))
    print(f"<{amount} in {snapshot._own.alias}>")
    snapshot.close()
"""
INSERT = """
INSERT INTO signatures_update (petition_id, title, title_en, title_ru, body, body_en, body_ru, published_at)
SELECT id, '', '{0}', '{0}', '', '{0}', '{0}', now() FROM signatures_petition
""".format(NEWS)  # noqa: UP032 - both are constants


@dataclass
class Pair:
    """A primary, its copy, and a site that knows both."""

    primary: DebianPostgres
    copy: DebianPostgres
    site: WebSite

    @property
    def env(self) -> dict[str, str]:
        """Return the settings that name the copy."""
        return {"DATABASE_REPLICA_URL": self.copy.url(DATABASE)}

    def asked_of_copy(self) -> list[str]:
        """Return the last statement of each of the site's connections to the copy."""
        rows = self.copy.query(
            "SELECT query FROM pg_stat_activity WHERE datname = 'petition' AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return [query for (query,) in rows]

    def reads_from_copy(self) -> bool:
        """Return whether a page that no cache has is made from the copy."""
        time.sleep(LIFETIME_SECONDS)
        for path in PATHS:
            assert self.site.get(path).status == 200
            if any("pg_control_system" not in query for query in self.asked_of_copy()):
                return True
        return False

    def catch_up(self) -> None:
        """Let the copy replay, and wait until it has everything."""
        self.copy.query("SELECT pg_wal_replay_resume()")
        ((place,),) = self.primary.query("SELECT pg_current_wal_flush_lsn()")
        while self.copy.query(f"SELECT pg_last_wal_replay_lsn() < '{place}'")[0][0]:
            time.sleep(0.02)

    def wait_for_way_back(self) -> None:
        """Wait until the copy is read from again."""
        until = time.monotonic() + 4 * AWAY_SECONDS
        while not self.reads_from_copy():
            assert time.monotonic() < until, "the copy is not read from again"

    def warnings(self) -> list[str]:
        """Return what is amiss, as told to monitoring."""
        return [LATE] if LATE in self.site.get("/-/ready", [("Authorization", f"Bearer {TOKEN}")]).text else []


@contextmanager
def balancer_before(folder: Path, *servers: DebianPostgres) -> Iterator[str]:
    """Run HAProxy, which leads one connection after the other to the next server, and yield the URL through it."""
    port = free_port()
    lines = [f"listen copies\n    bind 127.0.0.1:{port}\n    mode tcp\n    balance roundrobin\n    timeout connect 5s"]
    lines += ["    timeout client 1m\n    timeout server 1m"]
    lines += [f"    server copy{number} 127.0.0.1:{server.port}" for number, server in enumerate(servers)]
    path = folder / "haproxy.cfg"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    process = subprocess.Popen([require_program("haproxy"), "-db", "-f", str(path)], stdin=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield servers[0].url(DATABASE).replace(str(servers[0].port), str(port))
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Run a primary with the first petition, its copy, and a site."""
    with servers_folder() as folder, ExitStack() as stack:
        primary = DebianPostgres(folder / "primary")
        copy = DebianPostgres(folder / "copy", follows=primary)
        stack.callback(primary.kill)
        primary.make()
        primary.start()
        primary.query("CREATE DATABASE petition TEMPLATE template0 LOCALE 'C.UTF-8'")
        manage(primary.url(DATABASE), "migrate", "--verbosity=0")
        manage(primary.url(DATABASE), "load_first_petition")
        stack.callback(copy.kill)
        copy.make()
        copy.start()
        env = {"WEB_WORKERS": "1", "WEB_THREADS": "1", "METRICS_TOKEN": TOKEN}
        env["DATABASE_REPLICA_URL"] = copy.url(DATABASE)
        site = WebSite(primary.url(DATABASE), folder, env)
        stack.callback(site.stop)
        site.start()
        yield Pair(primary, copy, site)


def test_pages_are_made_from_the_copy_and_forms_are_stored_by_the_primary(pair: Pair) -> None:
    assert pair.reads_from_copy()
    assert pair.site.post(PETITION_PATH, signer()).status == 303
    assert pair.primary.query("SELECT count(*) FROM signatures_attempt", DATABASE) == [(1,)]
    assert not pair.warnings()


def test_what_was_taken_back_is_gone_within_seconds_though_the_copy_stands_still(pair: Pair) -> None:
    pair.primary.query(INSERT, DATABASE)
    pair.catch_up()
    time.sleep(LIFETIME_SECONDS)
    updates = f"{PETITION_PATH}updates/"
    assert NEWS in pair.site.get(updates).text
    pair.copy.query("SELECT pg_wal_replay_pause()")
    try:
        pair.primary.query("DELETE FROM signatures_update", DATABASE)
        gone_at = time.monotonic()
        # Read at least once from the copy that stands still, or this would show nothing.
        time.sleep(LIFETIME_SECONDS)
        assert NEWS in pair.site.get(updates).text
        while NEWS in pair.site.get(updates).text:
            assert time.monotonic() - gone_at < LAG_SECONDS_MAX + LIFETIME_SECONDS + 1
            time.sleep(0.1)
        assert pair.warnings()
        # An export is exact: it waits for the copy, and then does without.
        assert "read from default" in manage(pair.primary.url(DATABASE), "shell", "-c", ALIAS, **pair.env)
    finally:
        pair.catch_up()
    pair.wait_for_way_back()
    assert "read from replica" in manage(pair.primary.url(DATABASE), "shell", "-c", ALIAS, **pair.env)


def test_an_idle_primary_looks_as_it_is(pair: Pair) -> None:
    # By the time of what was replayed last the copy would look late.
    time.sleep(LAG_SECONDS_MAX + 1)
    assert pair.reads_from_copy()


def test_an_export_is_read_over_the_connection_that_was_found_recent(pair: Pair) -> None:
    with servers_folder() as folder, ExitStack() as stack:
        late = DebianPostgres(folder / "late", follows=pair.primary)
        stack.callback(late.kill)
        late.make()
        late.start()
        late.query("SELECT pg_wal_replay_pause()")
        pair.primary.query(INSERT, DATABASE)
        pair.catch_up()
        url = stack.enter_context(balancer_before(folder, pair.copy, late))
        seen = re.findall("<.*>", manage(pair.primary.url(DATABASE), "shell", "-c", SEEN, DATABASE_REPLICA_URL=url))
    pair.primary.query("DELETE FROM signatures_update", DATABASE)
    # What the late one was asked for came from the primary.
    assert set(seen) == {"<1 in replica>", "<1 in default>"}


def test_another_database_of_the_copy_is_not_believed(pair: Pair) -> None:
    env = {"DATABASE_REPLICA_URL": pair.copy.url("postgres")}
    assert "read from default" in manage(pair.primary.url(DATABASE), "shell", "-c", ALIAS, **env)


def test_pages_are_made_from_the_primary_while_the_copy_is_killed(pair: Pair) -> None:
    pair.copy.kill()
    time.sleep(LIFETIME_SECONDS)
    begun = time.monotonic()
    for path in PATHS:
        assert pair.site.get(path).status == 200
    assert time.monotonic() - begun < LAG_SECONDS_MAX
    pair.copy.start()
    pair.wait_for_way_back()


def test_a_copy_that_was_promoted_is_not_believed(pair: Pair) -> None:
    pair.copy.promote()
    pair.copy.query(INSERT, DATABASE)
    assert not pair.reads_from_copy()
    assert NEWS not in pair.site.get(f"/en{PETITION_PATH[3:]}updates/").text
    assert pair.warnings()


def test_nobody_is_refused_while_the_primary_alone_is_asked(pair: Pair) -> None:
    assert pair.site.post(PETITION_PATH, signer()).status == 303
    assert "Traceback" not in pair.site.log
