"""A role that serves and owns nothing, beside the one that owns the databases of the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from signatures.models.table_rights import apply_changes, changes_for
from tests.support.environment import SERVING


@dataclass(frozen=True)
class TwoRoles:
    """A database that one role owns, and another serves.

    :param url: for ``DATABASE_URL``, without the right to anything but what was granted
    :param owner_url: for ``DATABASE_OWNER_URL``
    """

    url: str
    owner_url: str

    @property
    def env(self) -> dict[str, str]:
        """Return the environment of a command that the owner runs."""
        return {"DATABASE_OWNER_URL": self.owner_url}

    @contextmanager
    def connected(self, *, as_owner: bool = False) -> Iterator[psycopg2.extensions.cursor]:
        """Yield a cursor that commits each statement."""
        with closing(psycopg2.connect(self.owner_url if as_owner else self.url)) as opened:
            opened.autocommit = True
            with opened.cursor() as cursor:
                yield cursor


def serving_role_there() -> str:
    """Return the address of the server for the role that serves; skip the test where there is none."""
    given = os.environ.get("TEST_SERVING_URL")
    if not given:
        pytest.skip("TEST_SERVING_URL names no second role on this server")
    return given


def two_roles(owner_url: str) -> TwoRoles:
    """Return both addresses of a database of the tests; skip the test where there is no second role."""
    return TwoRoles(urlsplit(serving_role_there())._replace(path=urlsplit(owner_url).path).geturl(), owner_url)


@contextmanager
def _granted() -> Iterator[CursorWrapper]:
    """Give the role that serves its rights, and yield a cursor of the tests' own role."""
    serving_role_there()
    with connection.cursor() as cursor:
        apply_changes(cursor, SERVING, changes_for(cursor, SERVING))
        yield cursor


def serve_in_transaction() -> None:
    """Let the rest of a test, in its transaction, run with the rights of the role that serves."""
    with _granted() as cursor:
        cursor.execute(f"SET LOCAL ROLE {SERVING}")


@contextmanager
def in_session() -> Iterator[None]:
    """Let this connection have the rights of the role that serves, whatever is committed meanwhile."""
    with _granted() as cursor:
        cursor.execute(f"SET ROLE {SERVING}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


def is_wanted(request: pytest.FixtureRequest) -> bool:
    """Return whether a test is to have the rights of the role that serves: by TEST_ROLE, if it commits nothing."""
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
    uses_database = marker is not None or "db" in request.fixturenames
    return os.environ.get("TEST_ROLE") == "serving" and uses_database and not commits


@contextmanager
def in_own_role() -> Iterator[None]:
    """Let statements of a test that runs as the role that serves be those of the tests' own role meanwhile."""
    if os.environ.get("TEST_ROLE") != "serving" or not connection.in_atomic_block:
        yield
        return
    # Past Django, which would count these statements among those of the test.
    raw = connection.connection
    with raw.cursor() as cursor:
        cursor.execute("SELECT current_user")
        is_serving = cursor.fetchone() == (SERVING,)
        if is_serving:
            cursor.execute("SET LOCAL ROLE NONE")
        try:
            yield
        finally:
            # Otherwise the end of the savepoint brings the role back.
            if is_serving and raw.get_transaction_status() != TRANSACTION_STATUS_INERROR:
                cursor.execute(f"SET LOCAL ROLE {SERVING}")
