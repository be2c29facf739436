"""Loads a backup into an empty database, which does not serve until the erasure journal is applied to it."""

from __future__ import annotations

import subprocess
import tempfile
from datetime import datetime
from enum import Enum, auto
from pathlib import Path

import pyrage
from django.db import connection

from signatures.restoring.programs import program, reach_database

STATE = """
SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')),
    to_regclass('public.signatures_serving') IS NOT NULL
"""


# A backup notes itself in the database before it is made, so that it holds this.
HOLDS_BACKUP = "SELECT EXISTS (SELECT FROM signatures_journalfolder WHERE backed_up_at = coalesce(%s, backed_up_at))"


class LoadingError(Exception):
    """Nothing was loaded; its sentence says why, and what to do."""


class State(Enum):
    """What a database is before it is restored."""

    EMPTY = auto()
    # Loaded, by an earlier try or by hand, and the journal not applied.
    WAITING = auto()
    SERVING = auto()
    FOREIGN = auto()


def state_of_database() -> State:
    """Return what the site's database is."""
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        has_tables, is_ours = cursor.fetchone()
        if not has_tables:
            return State.EMPTY
        if not is_ours:
            return State.FOREIGN
        cursor.execute("SELECT count(*) FROM signatures_serving")
        return State.SERVING if cursor.fetchone()[0] else State.WAITING


def holds_backup(noted_at: datetime | None) -> bool:
    """Return whether what waits in the database is a backup, and not tables that somebody has just made.

    :param noted_at: when that backup was begun, as its manifest says; None for whichever
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('signatures_journalfolder') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(HOLDS_BACKUP, [noted_at])
        return bool(cursor.fetchone()[0])


def read_identity(path: Path) -> pyrage.x25519.Identity:
    """Return the private half of the key, from a file as ``age-keygen`` writes it.

    :raises LoadingError: if it is not there
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return next(pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.startswith("AGE-SECRET-"))
    except (OSError, UnicodeDecodeError, StopIteration, pyrage.IdentityError) as error:
        message = f"{path} holds no private age key (AGE-SECRET-KEY-1…): name the file that age-keygen has made."
        raise LoadingError(message) from error


def load_backup(path: Path, identity: pyrage.x25519.Identity) -> None:
    """Load a backup in one transaction: all of it, or nothing.

    :raises LoadingError: if it cannot be decrypted or loaded
    :raises NoProgramError: if pg_restore is missing
    """
    words, env = reach_database()
    command = [
        program("pg_restore"),
        *words,
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
    ]
    with (
        path.open("rb") as file,
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints
        ) as process,
    ):
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        failure = ""
        try:
            pyrage.decrypt_io(file, process.stdin, [identity])
        except pyrage.DecryptError:
            # Before its input ends: what was loaded so far is rolled back.
            process.kill()
            failure = "It cannot be decrypted: this is not the key of BACKUP_RECIPIENT, or the file is damaged."
        except OSError:
            failure = "pg_restore has ended early."
        finally:
            try:
                process.stdin.close()
            except OSError:
                failure = failure or "pg_restore has ended early."
        if process.wait() != 0 or failure:
            complaints.seek(0)
            told = complaints.read().decode(errors="replace").strip()[-500:]
            message = f"{path.name} was not loaded. {failure} {told}".strip()
            raise LoadingError(message)
