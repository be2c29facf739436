"""The doctor on whole servers: a good one, and one with many faults at once, each of which it names."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.conftest import LOADED
from tests.support.doctor import Zone, dns_server
from tests.support.environment import FERNET_KEY
from tests.support.faults.failing_mail_server import Behaviour, mail_server
from tests.support.server.local_site import ROOT, free_port
from tests.support.server.nginx_front import HOST, nginx_before
from tests.support.server.pgbouncer import pgbouncer_before
from tests.support.server.web_site import WebSite, administrate, manage, new_database
from tryout.embedded import ADMINISTRATOR, EmbeddedPostgres

pytestmark = pytest.mark.xdist_group("faults")

ZONE: Zone = {
    (HOST, "TXT"): "v=spf1 ip4:192.0.2.25 -all",
    (f"s1._domainkey.{HOST}", "TXT"): "v=DKIM1; k=rsa; p=MIIB",
    (f"_dmarc.{HOST}", "TXT"): "v=DMARC1; p=none",
    (HOST, "MX"): f"10 {HOST}.",
    (HOST, "A"): "192.0.2.25",
    ("25.2.0.192.in-addr.arpa", "PTR"): f"{HOST}.",
}
PRODUCTION = {
    "SITE_ORIGIN": f"https://{HOST}",
    "PLAIN_HTTP": "0",
    "TRUSTED_PROXIES": "1",
    "METRICS_TOKEN": "a token of the tests",
    "WEB_WORKERS": "1",
    # By which the support of tests asks whether the site is up.
    "ALLOWED_HOSTS": "testserver",
}
PASSWORD = "Zyzzyva-of-the-role"


@dataclass
class Server:
    """All that a site consists of.

    url: of the database, as the role that owns it.
    env: the settings of the site, whose database role owns nothing.
    words: further words for the doctor.
    """

    url: str
    env: Mapping[str, str]
    words: list[str]

    def doctor(self, *words: str, **env: str) -> tuple[int, list[str], str]:
        """Run the doctor, and return its exit status, what it calls wrong, and everything that it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", "doctor", *self.words, *words],
            cwd=ROOT,
            env={**os.environ, **self.env, **env},
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        lines = [line.strip() for line in done.stdout.splitlines()]
        wrong = [line.removeprefix("WRONG").strip() for line in lines if line.startswith("WRONG")]
        return done.returncode, wrong, done.stdout + done.stderr


@pytest.fixture
def good(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Server]:
    """Run a site as it should be: two database roles, nginx, a mail server, the records of its domain, backups."""
    role = f"serving_{uuid.uuid4().hex}"
    with ExitStack() as stack:
        cursor = stack.enter_context(stack.enter_context(postgres._connect(ADMINISTRATOR)).cursor())
        cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
        # Its rights go with the database, before it.
        stack.callback(cursor.execute, f"DROP ROLE {role}")
        _, url = stack.enter_context(new_database(LOADED, postgres.url("postgres")))
        serving = url.replace(url.partition("//")[2].partition("@")[0], f"{role}:{PASSWORD}")
        manage(serving, "ensure_database_rights", DATABASE_OWNER_URL=url)
        mail_url = stack.enter_context(mail_server(Behaviour()))
        backups = tmp_path / "backups"
        backups.mkdir(mode=0o750)
        (backups / "one.dump.age").write_text("age")
        (backups / "last-good").write_text('{"file": "one.dump.age", "size": 3}')
        journal = tmp_path / "journal"
        journal.mkdir(mode=0o750)
        env = {**PRODUCTION, "DATABASE_URL": serving, "EMAIL_URL": mail_url}
        env |= {"BACKUP_FOLDER": str(backups), "ERASURE_JOURNAL": str(journal)}
        manage(url, "ensure_organiser")
        # Each leaves the sign of life of a worker.
        for _ in range(2):
            manage(url, "work", "--once", EMAIL_URL=mail_url)
        site = WebSite(serving, tmp_path, env, [f"unix:{tmp_path}/web.sock"])
        stack.callback(site.stop)
        site.start()
        front = stack.enter_context(nginx_before(site, tmp_path))
        nameserver = stack.enter_context(dns_server(ZONE))
        env["SSL_CERT_FILE"] = str(tmp_path / "fullchain.pem")
        yield Server(url, env, ["--front", f"https://127.0.0.1:{front.port}", "--nameserver", nameserver])


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that PgBouncer's account can be let into: pytest shuts its own against others now and then."""
    with tempfile.TemporaryDirectory(prefix="doctor-", dir=Path(os.environ["STATIC_ROOT"]).parent) as path:
        yield Path(path)


def test_a_good_server_is_told_so_and_a_broken_one_everything_that_is_wrong(
    good: Server, tmp_path: Path, folder: Path
) -> None:
    status, wrong, text = good.doctor()
    assert (status, wrong) == (0, []), text
    assert "Nothing is wrong." in text
    # As PostgreSQL has it by itself.
    assert "The role that serves may make large objects" in text

    (tmp_path / "static").mkdir()
    os.utime(good.env["BACKUP_FOLDER"] + "/last-good", (0, 0))
    administrate(good.url, "DELETE FROM signatures_workerbeat")
    administrate(good.url, "INSERT INTO django_migrations (app, name, applied) VALUES ('signatures', '9999', now())")
    role = good.env["DATABASE_URL"].partition("//")[2].partition(":")[0]
    administrate(good.url, "GRANT TRUNCATE ON signatures_auditentry TO {}", role)
    with pgbouncer_before(good.env["DATABASE_URL"], folder, "transaction") as pooled:
        status, wrong, text = good.doctor(
            "--front",
            f"https://127.0.0.1:{free_port()}",
            DATABASE_URL=pooled,
            PLAIN_HTTP="1",
            STATIC_ROOT=str(tmp_path / "static"),
            ENCRYPTION_KEYS=FERNET_KEY.format("f"),
            EMAIL_URL=f"smtp://site:{PASSWORD}@127.0.0.1:{free_port()}",
            MAIL_SENDER="no-reply@example.com",
            WEB_WORKERS="200",
        )
    assert status == 1
    beginnings = [
        "PLAIN_HTTP is set",
        "The database is newer than the code",
        "ENCRYPTION_KEYS holds none of the secrets",
        "The web server's 200 processes with 4 threads",
        "A pooler shares connections between transactions",
        f"The role {role} serves, and has rights that it must not have",
        f"{tmp_path / 'static'} holds no static files",
        "Nothing answers at SITE_ORIGIN",
        "",
        "The domain of BOUNCE_ADDRESS has no SPF record",
        "The domain of MAIL_SENDER has no key for DKIM",
        "The domain of MAIL_SENDER has no DMARC record",
        "The domain of BOUNCE_ADDRESS has no MX",
        "No worker has been at work",
        "The last good backup is",
    ]
    assert len(wrong) == len(beginnings), text
    assert [line for line, beginning in zip(wrong, beginnings, strict=True) if not line.startswith(beginning)] == []
    assert "CONNECT" in wrong[beginnings.index("")]
    assert PASSWORD not in text
    assert "AAAA" not in text


def test_a_database_that_refuses_stops_no_check_and_is_told_of_in_its_own_words(postgres: EmbeddedPostgres) -> None:
    url = postgres.url(LOADED)
    password = url.partition("@")[0].rpartition(":")[2]
    env = {**PRODUCTION, "DATABASE_URL": url.replace(password, PASSWORD)}
    status, wrong, text = Server(url, env, ["--no-network"]).doctor()
    assert status == 1
    sentence = "The database did not answer (OperationalError: FATAL: password authentication failed for user …)."
    assert wrong.count(sentence) == 1
    assert wrong.count(f"As above: {sentence}") > 8
    # The last of all checks was made, too.
    assert "\nmachine\n" in text
    assert PASSWORD not in text
