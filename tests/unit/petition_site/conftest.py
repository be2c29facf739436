"""Fixtures for the tests of the project."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture
def database_away(transactional_db: None) -> Iterator[None]:
    """Point the connection at a port that nobody listens on."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    connection.close()
    kept = connection.settings_dict.copy()
    connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(port)}
    yield
    connection.close()
    connection.settings_dict.clear()
    connection.settings_dict.update(kept)
