"""What the attacks are made on."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.attacks.target import Target, running_target
from tests.server.web_site import manage, new_database


@pytest.fixture(scope="session")
def loaded_database() -> Iterator[str]:
    """Return the name of a database with the first petition, to make copies of."""
    with new_database(os.environ.get("TEST_TEMPLATE") or "template1") as (name, url):
        manage(url, "migrate", "--verbosity=0")
        manage(url, "load_first_petition")
        yield name


@pytest.fixture(scope="module")
def target(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Return a running site that may be broken."""
    with running_target(loaded_database, tmp_path_factory.mktemp("target")) as running:
        yield running
