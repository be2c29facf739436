"""What the attacks are made on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.attacks.target import Target, running_target


@pytest.fixture(scope="module")
def target(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Return a running site that may be broken."""
    with running_target(loaded_database, tmp_path_factory.mktemp("target")) as running:
        yield running
