"""What the tests of failures stand on: a PostgreSQL that keeps its promises and may be killed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.support.bounce_messages import BOUNCES
from tests.support.faults.imap_server import ImapServer, imap_server
from tests.support.faults.site_processes import Crew, running_crew
from tests.support.server.web_site import manage, new_database
from tryout.embedded import EmbeddedPostgres

LOADED = "loaded"


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """Return a running server that waits for the disk, with a database that holds the first petition."""
    # In the folder of this run, which the next run removes if this one is killed.
    run = Path(os.environ["STATIC_ROOT"]).parent
    with tempfile.TemporaryDirectory(prefix="faults-", dir=run) as folder:
        server = EmbeddedPostgres(Path(folder), "faults", durable=True)
        try:
            server.start()
            server.ensure_database(LOADED)
            manage(server.url(LOADED), "migrate", "--verbosity=0")
            manage(server.url(LOADED), "load_first_petition")
            yield server
        finally:
            server.stop()


@pytest.fixture
def crew(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Crew]:
    """Return a running site on a database of its own."""
    with new_database(LOADED, postgres.url("postgres")) as (_, url), running_crew(url, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def running_imap() -> Iterator[ImapServer]:
    """Return a running IMAP server that mails come back to."""
    with imap_server() as server:
        yield server


@pytest.fixture
def server(running_imap: ImapServer, settings: Settings) -> ImapServer:
    """Return the server with an empty mailbox that the settings name."""
    with running_imap.client() as client:
        client.select("INBOX")
        client.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
        client.expunge()
    settings.BOUNCE_ADDRESS = BOUNCES
    settings.BOUNCE_URL = running_imap.url()
    settings.BOUNCE_CA = running_imap.certificate.read_text()
    return running_imap
