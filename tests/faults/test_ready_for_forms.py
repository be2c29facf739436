"""A process is called ready if it can take a form: not on a full disk, through a wrong pooler, with foreign secrets."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psycopg2
import pytest

from signatures.mailing.relaying import REFUSALS_TO_STOP
from tests.faults.conftest import LOADED
from tests.support.faults.site_processes import Crew
from tests.support.programs import require_program
from tests.support.server.pgbouncer import pgbouncer_before
from tests.support.server.web_site import PETITION_PATH, WebSite, administrate, manage, new_database, signer
from tests.support.waiting import wait_until
from tryout.embedded import ADMINISTRATOR, USER, EmbeddedPostgres
from tryout.server_account import let_reach

pytestmark = pytest.mark.xdist_group("faults")

TOKEN = "a token of the tests"
ENV = {"METRICS_TOKEN": TOKEN, "WEB_WORKERS": "1", "FORM_RATES": "100000/m"}
MEBIBYTE = 1024 * 1024
FOREIGN = {"CODE_SECRETS": "codes of another database " + "f" * 40}


def failing(site: WebSite) -> list[str]:
    """Return which checks of a site fail, after the moment for which it keeps them."""
    answer = site.get("/-/ready", [("Authorization", f"Bearer {TOKEN}")])
    checks: Mapping[str, bool] = json.loads(answer.text)["checks"]
    assert answer.status == (200 if all(checks.values()) else 503), site.log
    return [name for name, is_fine in checks.items() if not is_fine]


@contextmanager
def started(url: str, folder: Path, **env: str) -> Iterator[WebSite]:
    """Run a site on a database, and stop it."""
    site = WebSite(url, folder, {**ENV, **env})
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that PostgreSQL's account can be let into: pytest shuts its own against others now and then."""
    run = Path(os.environ["STATIC_ROOT"]).parent
    with tempfile.TemporaryDirectory(prefix="ready-", dir=run) as path:
        yield Path(path)


@pytest.fixture
def url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """Return the address of a database with the first petition."""
    with new_database(LOADED, postgres.url("postgres")) as (_, address):
        yield address


@contextmanager
def small_disk(folder: Path, postgres: EmbeddedPostgres, size: int) -> Iterator[str]:
    """Mount a file system of some mebibytes, and yield the address of a database on it."""
    mount, unmount = require_program("mount"), require_program("umount")
    options = f"size={size}m,mode=0700"
    words = [mount, "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("this account may not mount a file system")
    name = f"full_{uuid.uuid4().hex}"
    with ExitStack() as stack:
        stack.callback(subprocess.run, [unmount, "--lazy", str(folder)], check=True)
        os.chown(folder, postgres.account.uid, postgres.account.gid)
        let_reach(folder, postgres.account)
        connection = stack.enter_context(postgres._connect(ADMINISTRATOR))
        cursor = stack.enter_context(connection.cursor())
        cursor.execute(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
        stack.callback(cursor.execute, f"DROP TABLESPACE {name}")
        cursor.execute(f"CREATE DATABASE {name} OWNER {USER} TEMPLATE {LOADED} TABLESPACE {name}")
        stack.callback(cursor.execute, f"DROP DATABASE {name} WITH (FORCE)")
        yield postgres.url(name)


def fill(folder: Path) -> Path:
    """Fill a file system up to its last byte."""
    file = folder / "filler"
    with file.open("wb", buffering=0) as filler:
        for size in (MEBIBYTE, 4096):
            with suppress(OSError):
                while True:
                    filler.write(b"x" * size)
    return file


def test_on_a_full_disk_it_is_not_ready_and_once_there_is_room_it_is(
    postgres: EmbeddedPostgres, tmp_path: Path, folder: Path
) -> None:
    with small_disk(folder, postgres, 64) as url, started(url, tmp_path) as site:
        assert failing(site) == []
        assert site.post(PETITION_PATH, signer()).status == 303
        filler = fill(folder)
        statuses = {site.post(PETITION_PATH, signer(name="A" * 100)).status for _ in range(60)}
        assert 503 in statuses
        wait_until(lambda: failing(site) == ["writing"])
        filler.unlink()
        wait_until(lambda: failing(site) == [])
        assert site.post(PETITION_PATH, signer()).status == 303
        assert "DiskFull" in site.log


@pytest.mark.parametrize(("mode", "expected"), [("session", []), ("transaction", ["pooling"])])
def test_through_a_pooler_it_is_ready_if_sessions_are_kept(
    url: str, tmp_path: Path, folder: Path, mode: str, expected: list[str]
) -> None:
    with pgbouncer_before(url, folder, mode) as pooled, started(pooled, tmp_path) as site:
        assert failing(site) == expected, site.log + (folder / "pgbouncer.log").read_text()


def test_with_secrets_of_another_database_it_is_not_ready(url: str, tmp_path: Path) -> None:
    manage(url, "work", "--once")
    with started(url, tmp_path) as site:
        assert failing(site) == []
    with started(url, tmp_path, **FOREIGN) as site:
        assert failing(site) == ["secrets"]
        # A worker with them changes nothing about that.
        manage(url, "work", "--once", **FOREIGN)
        assert failing(site) == ["secrets"]


def test_without_the_secret_that_signers_are_known_by_it_is_not_ready(url: str, tmp_path: Path) -> None:
    with started(url, tmp_path) as site, closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO signatures_removedmark (petition_id, email_key, reason)"
            " SELECT id, '\\x07'::bytea || sha256('x'), 'DUPLICATE' FROM signatures_petition"
        )
        connection.commit()
        wait_until(lambda: failing(site) == ["secrets"])


def test_without_static_files_it_is_not_ready(url: str, tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    with started(url, tmp_path, STATIC_ROOT=str(tmp_path / "static")) as site:
        assert failing(site) == ["static"]


def test_a_role_that_may_not_write_is_not_ready(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    name = f"reader_{uuid.uuid4().hex}"
    with ExitStack() as stack:
        cursor = stack.enter_context(stack.enter_context(postgres._connect(ADMINISTRATOR)).cursor())
        cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'reader'")
        # Its rights go with the database, before it.
        stack.callback(cursor.execute, f"DROP ROLE {name}")
        _, url = stack.enter_context(new_database(LOADED, postgres.url("postgres")))
        serving = url.replace(url.partition("//")[2].partition("@")[0], f"{name}:reader")
        manage(serving, "ensure_database_rights", DATABASE_OWNER_URL=url)
        site = stack.enter_context(started(serving, tmp_path))
        assert failing(site) == []
        administrate(url, "REVOKE INSERT ON ALL TABLES IN SCHEMA public FROM {}", name)
        wait_until(lambda: failing(site) == ["writing"])


def test_a_mistyped_address_makes_nobody_unready(crew: Crew) -> None:
    crew.mail.replies = {"RCPT": "550 5.1.2 Domain not found, and your mails are spam"}
    for _ in range(REFUSALS_TO_STOP + 1):
        assert crew.site.post(PETITION_PATH, signer(email=f"{uuid.uuid4().hex}@gmial.example")).status == 303
    wait_until(lambda: crew.site.query("SELECT EXISTS (SELECT FROM signatures_relay WHERE fault <> '')") == [(True,)])
    assert crew.site.get("/-/ready").status == 200
