"""Provides every test run with its own PostgreSQL and the configuration that the settings require.

Set ``TEST_DATABASE_URL`` to use another server (its account must be allowed to create databases), and ``TEST_TEMPLATE``
to an empty database on it whose locale supports Cyrillic, if its ``template1`` does not. ``TEST_SERVING_URL`` is
the same server for a role without any rights; without it, tests that need two roles are skipped there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from psycopg2 import sql

from tests.support.environment import FOREIGN_NAMES, SERVING, TEST_ENVIRONMENT
from tryout.embedded import ADMINISTRATOR, USER, EmbeddedPostgres

FOLDER_PREFIX = "petition-tests-"
TEMPLATE = "empty"


class TestRun:
    """The resources of a test run: a temporary folder and a server."""

    __test__ = False

    def __init__(self) -> None:
        _remove_leftovers()
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
        self.lock = os.open(self.folder, os.O_RDONLY)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.server: EmbeddedPostgres | None = None

    def start(self) -> None:
        """Start the server and configure its address for this process and those that it will start."""
        for name in ("mail", "static"):
            (self.folder / name).mkdir()
        os.environ["EMAIL_URL"] = (self.folder / "mail").as_uri()
        os.environ["STATIC_ROOT"] = str(self.folder / "static")
        os.environ["ERASURE_JOURNAL"] = str(self.folder / "journal")
        if not os.environ.get("TEST_DATABASE_URL"):
            self.server = EmbeddedPostgres(self.folder, "tests", durable=False)
            self.server.start()
            self.server.ensure_database(TEMPLATE)
            os.environ["TEST_DATABASE_URL"] = self.server.url("postgres")
            os.environ["TEST_TEMPLATE"] = TEMPLATE
            os.environ["TEST_SERVING_URL"] = make_serving_role(self.server, USER)
        os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

    def stop(self) -> None:
        """Stop the server and remove all files."""
        if self.server:
            self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)


def make_serving_role(server: EmbeddedPostgres, *members: str) -> str:
    """Make the role that serves on a server of tests, and return its address there.

    :param members: the roles that may act as this one; the other way round nothing is shared
    """
    password = server._password(SERVING)
    with server._connect(ADMINISTRATOR) as opened, opened.cursor() as cursor:
        make = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        cursor.execute(make.format(sql.Identifier(SERVING), sql.Literal(password)))
        for member in members:
            cursor.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(SERVING), sql.Identifier(member)))
    url = urlsplit(server.url("postgres"))
    return url._replace(netloc=f"{SERVING}:{password}@").geturl()


def _remove_leftovers() -> None:
    """Remove the folders of killed runs; those of active runs are locked."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # belongs to another account, or was removed already
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(handle)


RUN = pytest.StashKey[TestRun]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Prepare everything before pytest-django loads the settings; parallel workers share their parent's resources."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # Each has a database of its own, with numbers of its own.
        os.environ["ERASURE_JOURNAL"] += f"-{worker}"
    else:
        for name in FOREIGN_NAMES:
            os.environ.pop(name, None)
            os.environ.pop(f"{name}_FILE", None)
        os.environ.update(TEST_ENVIRONMENT)
        run = early_config.stash[RUN] = TestRun()
        early_config.add_cleanup(run.stop)
        run.start()
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Collect the static files once per run, since pages refer to them by content hash."""
    if RUN in session.config.stash and not session.config.option.collectonly:
        from django.core.management import call_command  # noqa: PLC0415 - not before the settings are there

        call_command("collectstatic", interactive=False, verbosity=0)
