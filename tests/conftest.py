"""What most tests stand on: a petition that takes signatures, a visitor, a mailbox, organisers."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client, override_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from pytest_django import DjangoDbBlocker, Settings

from signatures.models import Organiser, Petition
from signatures.models.protection import Protection
from signatures.publishing import readiness
from signatures.safeguarding import switches
from tests.support import factories
from tests.support.erasure_journal import own_journal
from tests.support.mailbox import Mailbox
from tests.support.news_mails import make_petition_with_news
from tests.support.restores import Restore, restoring_by
from tests.support.server.web_site import manage, new_database
from tests.support.serving_role import is_wanted, serve_in_transaction
from tests.support.table_flushing import let_tests_flush

# The same examples in every run, and no failure because a machine is busy.
hypothesis.register_profile(
    "tests", derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.load_profile("tests")

LATER_NUMBERS = """
SELECT setval(sequence, 10000 * rank) FROM (
    SELECT seqrelid::regclass AS sequence, rank() OVER (ORDER BY seqrelid::regclass::text) FROM pg_sequence
) AS ranked
"""


@pytest.fixture(scope="session", autouse=True)
def flushing() -> Iterator[None]:
    """Let tests that commit begin with empty tables."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        let_tests_flush(monkeypatch)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let rows have numbers as on an old site: long ones, which no page may group, and other ones in each table."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(LATER_NUMBERS)


@pytest.fixture(scope="session", autouse=True)
def static_files_looked_up() -> Iterator[None]:
    """Let whoever asks for a static file look for it: each browser of a test would list them all at its first page."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True)
def serving_role(request: pytest.FixtureRequest) -> None:
    """With TEST_ROLE=serving, let a test have the rights of the role that serves, in its own transaction."""
    if is_wanted(request):
        request.getfixturevalue("db")
        serve_in_transaction()


@pytest.fixture(autouse=True)
def _no_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no process look for emergency switches before a test turns one, so that statements can be counted."""
    monkeypatch.setattr(switches._known, "names", switches.NONE)
    monkeypatch.setattr(switches._known, "look_again", math.inf)


@pytest.fixture(scope="session")
def loaded_database() -> Iterator[str]:
    """Return the name of a database with the first petition, to make copies of."""
    with new_database(os.environ.get("TEST_TEMPLATE") or "template1") as (name, url):
        manage(url, "migrate", "--verbosity=0")
        manage(url, "load_first_petition")
        yield name


@pytest.fixture(autouse=True)
def looking_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each question whether the site is ready be answered anew: the database is another in each test."""
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(readiness, "POOLING_KEPT_SECONDS", 0.0)


@pytest.fixture
def petition(db: None) -> Petition:
    """Return an open petition with a published text, one recipient that is given names and one that is not."""
    return factories.make_petition()


@pytest.fixture
def journal(db: None, tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """Return the folder of an erasure journal of this test alone."""
    with own_journal(settings, tmp_path) as folder:
        yield folder


@pytest.fixture
def restore(journal: Path) -> Restore:
    """Return what does something, restores the state of before, and applies the journal."""
    return restoring_by(journal)


@pytest.fixture
def ordinary(db: None) -> Petition:
    """Return an open petition for whose signers nobody punishes: its count is live, its names come at once."""
    return factories.make_petition(protection=Protection.ORDINARY)


@pytest.fixture
def visitor() -> Client:
    """Return a browser without cookies, whose forms are checked as those of any other."""
    return Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "same-origin"})


@pytest.fixture
def mailbox(tmp_path: Path, settings: Settings) -> Mailbox:
    """Return the folder that mails are sent to, empty."""
    folder = tmp_path / "mail"
    settings.EMAIL_URL = folder.as_uri()
    return Mailbox(folder)


@pytest.fixture
def organiser_client(db: None) -> Callable[[str], Client]:
    """Return a function that logs in an organiser of a role, or an administrator where the role is empty."""

    def log_in(role: str = "") -> Client:
        client = Client()
        organiser: Organiser = factories.make_organiser(role)
        client.force_login(organiser)
        return client

    return log_in


@pytest.fixture
def organiser(organiser_client: Callable[[str], Client]) -> Client:
    """Return the browser of somebody who runs campaigns."""
    return organiser_client("Organisers")


@pytest.fixture
def moderator(organiser_client: Callable[[str], Client]) -> Client:
    """Return the browser of somebody who keeps the list clean."""
    return organiser_client("Moderators")


@pytest.fixture
def park(db: None) -> Petition:
    """Return a petition whose news anybody can get by mail."""
    return make_petition_with_news()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures that tests have measured, whichever process ran them."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in getattr(report, "user_properties", []):
            if name == "figures" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid}: {value}")
