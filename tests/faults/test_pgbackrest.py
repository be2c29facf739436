"""pgBackRest as docs/backup.md sets it up: an instant of yesterday comes back, and nobody who has withdrawn since."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster.debian_postgres import DebianPostgres, owned_folder, servers_folder
from tests.support.faults.backups import Operator
from tests.support.faults.leaving import CONFIRMED, UNLIMITED, confirm, let_people_sign
from tests.support.programs import require_program
from tests.support.server.local_site import ROOT
from tests.support.server.web_site import WebSite, manage
from tests.support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("servers")

PAGE = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")


def block_of_page(file: str) -> str:
    """Return what the page tells to write into a file."""
    found = re.search(rf"(?ms)^```\n# {re.escape(file)}\n(.*?)^```$", PAGE)
    assert found, file
    return found[1]


def command_of_page(word: str) -> list[str]:
    """Return the words of the one command of pgBackRest that the page gives for something."""
    (found,) = {line for line in re.findall(r"pgbackrest --stanza=petition [^`\n]+", PAGE) if line.endswith(word)}
    return re.findall(r"(?:[^\s']|'[^']*')+", str(found))


class Archived(DebianPostgres):
    """A server whose log pgBackRest archives."""

    def set_up(self) -> None:
        """Write both files of the page; only places differ, which on a server are those of Debian."""
        require_program("pgbackrest")
        self.make()
        for name in ("repository", "log", "lock", "spool"):
            owned_folder(self.folder / "pgbackrest" / name, self.account)
        shutil.chown(self.folder / "pgbackrest", self.account.uid, self.account.gid)
        given = block_of_page("/etc/pgbackrest.conf")
        for written, here in {
            "/var/lib/pgbackrest": f"{self.folder}/pgbackrest/repository",
            "/var/lib/postgresql/15/main": f"{self.data}",
            "repo1-cipher-pass=…": "repo1-cipher-pass=of tests",
        }.items():
            assert written in given
            given = given.replace(written, here)
        places = "".join(f"{name}-path={self.folder}/pgbackrest/{name}\n" for name in ("log", "lock", "spool"))
        here = f"pg1-socket-path={self.folder}\npg1-port={self.port}\npg1-user=postgres\n"
        self.settings.write_text(given.replace("[global]\n", f"[global]\n{places}") + here, encoding="utf-8")
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(block_of_page("postgresql.conf"))
        hba = self.data / "pg_hba.conf"
        hba.write_text("local all all trust\n" + hba.read_text(encoding="utf-8"), encoding="utf-8")

    @property
    def settings(self) -> Path:
        """Return the file of pgBackRest's settings."""
        return self.folder / "pgbackrest.conf"

    def pgbackrest(self, word: str, **change: str) -> str:
        """Run a command of the page as the server's account."""
        words = [change.get(one, one) for one in command_of_page(word)]
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=False, **self._as_account())
        assert done.returncode == 0, done.stdout + done.stderr
        return str(done.stdout)


@pytest.fixture
def archived(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archived]:
    """Run a server with the site's database, and make a full backup."""
    # The time limits of other tests are no part of what is restored.
    monkeypatch.delenv("PGOPTIONS", raising=False)
    with servers_folder() as folder:
        server = Archived(folder / "server")
        monkeypatch.setenv("PGBACKREST_CONFIG", str(server.settings))
        server.set_up()
        try:
            server.start()
            server.query("CREATE DATABASE site LOCALE 'C.UTF-8' TEMPLATE template0")
            manage(server.url("site"), "migrate", "--verbosity=0")
            manage(server.url("site"), "load_first_petition")
            server.pgbackrest("stanza-create")
            yield server
        finally:
            server.kill()


def test_an_instant_comes_back_and_whoever_has_withdrawn_since_does_not(archived: Archived, tmp_path: Path) -> None:
    site = WebSite(archived.url("site"), tmp_path, env=UNLIMITED)
    site.start()
    try:
        people = let_people_sign([site])
        archived.pgbackrest("check")
        archived.pgbackrest("--type=full backup")
        # After the full backup, and not in the same second: only the log knows.
        time.sleep(1.1)
        assert confirm(site, people.codes[people.still]) == 303
        ((instant,),) = site.query("SELECT clock_timestamp()::text")
        time.sleep(0.1)
        for address in people.withdrawn:
            people.act(site, address, "WITHDRAW")
    finally:
        site.stop()
    archive(archived)
    archived.kill()
    shutil.rmtree(archived.data)
    owned_folder(archived.data, archived.account)
    archived.pgbackrest("restore", **{"--target='2026-11-30 02:00:00+00'": f"--target={instant}"})
    archived.start()
    wait_until(lambda: archived.query("SELECT pg_is_in_recovery()") == [(False,)])
    assert count(archived) == CONFIRMED + 1

    site.start()
    try:
        assert site.get(people.link(people.kept[0])).status == 503
        assert "restore --in-place" in site.log
    finally:
        site.stop()
    words = ["restore", "--in-place", "--journal", str(tmp_path / "journal")]
    code, told = Operator(tmp_path).run(site.database_url, *words, **site.env)
    assert (code, "This database may serve." in told) == (0, True), told
    assert count(archived) == CONFIRMED + 1 - len(people.withdrawn)
    site.start()
    try:
        people.act(site, people.kept[0], "WITHDRAW")
    finally:
        site.stop()
    manage(site.database_url, "check_tally", **site.env)


def archive(server: Archived) -> None:
    """Let the log so far be archived."""
    ((segment,),) = server.query("SELECT pg_walfile_name(pg_switch_wal())")
    last = "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver"
    wait_until(lambda: server.query(last)[0][0] >= segment)


def count(server: Archived) -> int:
    """Return how many signatures there are."""
    return int(server.query("SELECT count(*) FROM signatures_signature", "site")[0][0])
