"""A new release takes the place of the old one while people sign, and is given up again: no answered form is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from signatures.safeguarding import keys
from tests.support.cluster.crowd import Crowd, Mailboxes, Record
from tests.support.faults.failing_mail_server import Behaviour, mail_server
from tests.support.server.local_site import ROOT, START_SECONDS, STOP_SECONDS
from tests.support.server.nginx_front import Front, nginx_before
from tests.support.server.socket_holder import SocketHolder, held_sockets, make_release, settings_behind_nginx
from tests.support.server.web_site import WebSite, new_database

pytestmark = pytest.mark.xdist_group("servers")

OLD, NEW = 0, 1
# Forms that must be taken in each part of the story.
TAKEN_EACH_TIME = 16
PATIENCE_SECONDS = 60
TOKEN = "a token of the tests"
# What a later release may do to the tables that grow, by the rules that each migration is tested for.
LATER = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatures", "{newest}")]
    operations = [
        migrations.AddField("signature", "later", models.BooleanField(default=False, db_default=False)),
        migrations.AddField("attempt", "later", models.CharField(max_length=80, null=True)),
        AddIndexConcurrently("signature", models.Index(fields=["country", "later"], name="signature_later")),
        migrations.RunSQL(
            "CREATE OR REPLACE FUNCTION signatures_later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " NEW.later := true; RETURN NEW; END $$;"
            "CREATE TRIGGER later BEFORE INSERT ON signatures_signature FOR EACH ROW"
            " EXECUTE FUNCTION signatures_later();",
            "DROP TRIGGER later ON signatures_signature; DROP FUNCTION signatures_later();",
        ),
    ]
"""


def make_later_release(folder: Path, number: int) -> Path:
    """Make a release that has one migration more."""
    release = make_release(folder, number)
    (release / "signatures").unlink()
    shutil.copytree(ROOT / "signatures", release / "signatures", ignore=shutil.ignore_patterns("__pycache__"))
    migrations = release / "signatures" / "migrations"
    newest = max(path.stem for path in migrations.glob("0*.py"))
    later = migrations / f"{int(newest[:4]) + 1:04}_later.py"
    later.write_text(LATER.format(newest=newest), encoding="utf-8")
    return release


@dataclass
class Server:
    """The processes of whichever release is in place."""

    holder: SocketHolder
    mail_url: str
    worker: subprocess.Popen[bytes] | None = None
    record: Record = field(default_factory=Record)

    def run(self, number: int, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a management command of a release."""
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=self.holder.folder / "releases" / str(number),
            env=self.env | env,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def env(self) -> dict[str, str]:
        """Return the settings of its processes."""
        return {**os.environ, **self.holder.env, "EMAIL_URL": self.mail_url}

    def restart(self, number: int) -> None:
        """Put a release in place, as ``ln`` and ``systemctl restart`` do."""
        self.holder.restart(number)
        self.stop_worker()
        with (self.holder.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "manage.py", "work"],
                cwd=self.holder.folder / "releases" / str(number),
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop_worker(self) -> None:
        """Let the worker finish its mail, and end."""
        if self.worker is not None:
            self.worker.terminate()
            self.worker.wait(STOP_SECONDS)

    def wait_for_forms(self) -> None:
        """Wait until people were answered often enough since now."""
        since = time.monotonic()
        while self.record.taken_since(since) < TAKEN_EACH_TIME:
            assert time.monotonic() - since < PATIENCE_SECONDS, f"{self.record.refused}\n{self.holder.log}"
            time.sleep(0.1)


@pytest.fixture
def mail() -> Behaviour:
    """Return everybody's mailbox."""
    return Behaviour()


@pytest.fixture
def server(loaded_database: str, tmp_path: Path, mail: Behaviour) -> Iterator[Server]:
    """Return a server with two releases side by side, neither of which is started."""
    make_release(tmp_path, OLD)
    make_later_release(tmp_path, NEW)
    tmp_path.chmod(0o755)
    with new_database(loaded_database) as (_, url), mail_server(mail) as mail_url:
        env = settings_behind_nginx(url, tmp_path) | {"METRICS_TOKEN": TOKEN}
        with held_sockets(tmp_path, env) as holder:
            running = Server(holder, mail_url)
            yield running
            running.stop_worker()


@contextmanager
def people_signing(server: Server, front: Front, mail: Behaviour) -> Iterator[Record]:
    """Let people sign and confirm until the end of the block; each must get through."""
    crowd = Crowd(front.port, front.context(), Mailboxes(mail), server.record)
    visitors = crowd.begin()
    try:
        yield crowd.record
    finally:
        crowd.is_over = True
        visitors.join()


def readiness(front: Front) -> int:
    """Return the status of the page that monitoring asks."""
    return front.ask("/-/ready", headers={"Authorization": f"Bearer {TOKEN}"}).status


def release_of(front: Front) -> str:
    """Return which release answers."""
    return front.ask("/en/confirm/").headers["X-Release"]


def test_an_upgrade_and_the_way_back_lose_nothing_that_was_answered(
    server: Server, mail: Behaviour, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    site = WebSite(server.holder.env["DATABASE_URL"], tmp_path)
    server.restart(OLD)
    with nginx_before(site, tmp_path) as front:
        with people_signing(server, front, mail) as record:
            server.wait_for_forms()
            prepared = server.run(NEW, "migrate", "--verbosity=0")
            assert prepared.returncode == 0, prepared.stderr
            # The old one serves from the newer tables.
            server.wait_for_forms()
            assert (release_of(front), readiness(front)) == (str(OLD), 200)
            server.restart(NEW)
            server.wait_for_forms()
            assert (release_of(front), readiness(front)) == (str(NEW), 200)
            server.restart(OLD)
            server.wait_for_forms()
            assert (release_of(front), readiness(front)) == (str(OLD), 200)
        assert "The database is newer than the code: 1 of its migrations are unknown here." in server.holder.log
        assert "Traceback" not in server.holder.log
    server.stop_worker()
    (petition_id,) = site.query("SELECT id FROM signatures_petition")[0]
    stored = {bytes(key) for (key,) in site.query("SELECT email_key FROM signatures_signature")}
    answered = {keys.email_keys(petition_id, address)[0] for address in record.confirmed}
    record_property(
        "figures",
        f"{record.sent} forms, {len(record.signed) + len(record.confirmed)} answered, {len(answered - stored)} lost,"
        f" {len(stored - answered) - len(record.unsure)} too many, refused {record.refused}",
    )
    assert set(record.refused) == set()
    assert (answered - stored, len(stored)) == (set(), len(answered))
    # What the new one does to each row holds for those of the old one, too.
    assert site.query(
        "SELECT count(*) FILTER (WHERE later) > 0, count(*) FILTER (WHERE NOT later) > 0 FROM signatures_signature"
    ) == [(True, True)]
    assert server.run(OLD, "check_tally").returncode == 0


def test_a_release_on_tables_that_are_older_does_not_start_and_says_what_to_run(server: Server) -> None:
    (server.holder.folder / "current").symlink_to(server.holder.folder / "releases" / str(NEW))
    sentence = "The database is older than the code: 1 migrations are missing. Run `manage.py migrate`"
    assert server.holder.run({}).wait(START_SECONDS) == 1
    assert sentence in server.holder.log
    assert "Traceback" not in server.holder.log
    told = server.run(NEW, "work", "--once")
    assert (told.returncode, sentence in told.stderr) == (1, True)
    assert server.run(OLD, "work", "--once").returncode == 0
