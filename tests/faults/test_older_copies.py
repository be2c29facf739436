"""A copy of the data folder is started that lacks the last withdrawals: no machine serves it before it knows them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from signatures.journaling.files import read_journal
from signatures.safeguarding import keys
from tests.support.erasure_journal import my_signature_path
from tests.support.faults.leaving import UNLIMITED, codes_of, confirm, wait_for
from tests.support.server.web_site import PETITION_PATH, WebSite, manage, new_database, signer
from tryout.embedded import ADMINISTRATOR, EmbeddedPostgres

pytestmark = pytest.mark.xdist_group("faults")
LOADED = "loaded"
# PostgreSQL writes sequences so many numbers ahead into its log.
AHEAD = 32
LOOK = """
from signatures.journaling.files import Position
from signatures.journaling.gate import GATE, find_problem
GATE.watch()
print(GATE.is_closed(), find_problem(Position()))
"""


@dataclass
class Original:
    """A site from which a copy was made, and from which people have withdrawn since."""

    copied: Path
    database: str
    journal: Path
    withdrawn: list[str]
    petition_id: int


@pytest.fixture
def original(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Original]:
    """Let people sign, copy the data folder of the running server, and let some withdraw."""
    with new_database(LOADED, postgres.url("postgres")) as (name, url):
        folder = tmp_path / "first"
        folder.mkdir()
        site = WebSite(url, folder, UNLIMITED)
        site.start()
        try:
            addresses = [signer()["email"] for _ in range(6)]
            for address in addresses:
                assert site.post(PETITION_PATH, signer(email=address)).status == 303
            codes = codes_of(site, addresses)
            (petition_id,) = site.query("SELECT id FROM signatures_petition")[0]
            links = [my_signature_path(petition_id, address) for address in addresses]
            assert {confirm(site, codes[address]) for address in addresses} == {303}
            with postgres._connect(ADMINISTRATOR) as opened, opened.cursor() as cursor:
                cursor.execute("CHECKPOINT")
            assert site.post(links[0], {"action": "WITHDRAW"}).status == 200
            copied = tmp_path / "copied"
            shutil.copytree(postgres.cluster, copied)
            for link in links[1:4]:
                assert site.post(link, {"action": "WITHDRAW"}).status == 200
        finally:
            site.stop()
        yield Original(copied, name, folder / "journal", addresses[1:4], petition_id)


@contextmanager
def started(original: Original, folder: Path, *, as_standby: bool = False) -> Iterator[str]:
    """Start a copy, which recovers as after a crash, and yield the address of its database."""
    folder.mkdir()
    server = EmbeddedPostgres(folder, "faults", durable=True)
    shutil.copytree(original.copied, server.cluster)
    if as_standby:
        (server.cluster / "standby.signal").touch()
    for path in (server.cluster, *server.cluster.rglob("*")):
        shutil.chown(path, server.account.uid, server.account.gid)
    try:
        server.start()
        yield server.url(original.database)
    finally:
        server.stop()


def test_every_machine_closes_on_a_copy_that_lacks_a_few_withdrawals_until_they_are_applied(
    original: Original, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(started(original, tmp_path / "server"))
        sites = []
        for name in ("second", "first again"):
            folder = tmp_path / name
            folder.mkdir()
            sites.append(WebSite(url, folder, UNLIMITED))
        other, first = sites
        first.env = {**UNLIMITED, "ERASURE_JOURNAL": str(original.journal)}
        # The sequence does not tell: it stands further than the journal.
        (last,) = other.query("SELECT last_value FROM signatures_erasure_id_seq")[0]
        newest = max(entry.number for entry in read_journal([original.journal]).entries)
        assert last - AHEAD < newest <= last
        for site, status in ((other, 200), (first, 503)):
            site.start()
            stack.callback(site.stop)
            wait_for(site, status)
        wait_for(other, 503)
        assert "journal knows of acts" in first.log
        assert "No machine serves from this database" in first.log
        assert "closed it for all" in other.log
        # Whoever raises the numbers by hand opens nothing.
        other.query("INSERT INTO signatures_erasure (about) VALUES ('nothing')")
        time.sleep(2.5)
        assert [site.get("/en/").status for site in sites] == [503, 503]
        journals = [word for folder in (original.journal, other.folder / "journal") for word in ("--journal", folder)]
        told = manage(url, "restore", "--in-place", *map(str, journals))
        assert "This database may serve." in told
        for site in sites:
            wait_for(site, 200)
        left = {bytes(key) for (key,) in other.query("SELECT email_key FROM signatures_signature")}
        gone = {keys.email_keys(original.petition_id, address)[0] for address in original.withdrawn}
        assert (len(left), left & gone) == (2, set())


def test_a_server_that_only_follows_is_not_served_while_it_is_behind_and_closes_nobody_else(
    original: Original, tmp_path: Path
) -> None:
    with started(original, tmp_path / "server", as_standby=True) as url:
        env = {"ERASURE_JOURNAL": str(original.journal)}
        told = manage(url, "shell", "--command", LOOK, **env)
        assert "True Problem(sentence='The erasure journal knows of acts" in told
        assert "ahead=None" in told
        site = WebSite(url, tmp_path)
        assert site.query("SELECT pg_is_in_recovery(), count(*) FROM signatures_serving") == [(True, 1)]
