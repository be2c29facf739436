"""Makes an encrypted backup of database and erasure journal; nothing of it is ever on the disk in the clear."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

import pyrage
from django.db import connection, transaction

from signatures.journaling.files import files_in
from signatures.journaling.files import folder as journal_folder
from signatures.journaling.folders import note_backup
from signatures.models.schema_state import newest_migration
from signatures.restoring.fates import LEFT_OUT_TABLES
from signatures.restoring.manifests import (
    JOURNAL_SUFFIX,
    SUFFIX,
    TIME,
    Manifest,
    secret_checks,
    whole_file,
    write_manifest,
)
from signatures.restoring.programs import program, reach_database

BLOCK_BYTES = 1024 * 1024
AGE_BEGINS = b"age-encryption.org/v1\n"
SNAPSHOT = "SELECT pg_export_snapshot(), now()"


class BackupError(Exception):
    """No backup was made; its sentence says why, and nothing of it is left."""


class _Digesting(io.RawIOBase):
    """Passes bytes on to a file, and knows how many and which they were."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        written = self.file.write(data)
        if written != len(data):
            raise OSError(self.file.name)
        self.digest.update(data)
        self.size += written
        return written


def make_backup(folder: Path, recipient: str) -> Manifest:
    """Write the state of one instant, encrypted, with the erasure journal, and say so in ``last-good``.

    :param recipient: the public half of an age key, whose private half must not be on this machine
    :raises BackupError: if it could not be made, with why
    :raises JournalUnwritableError: if the journal cannot be written: nobody could restore a backup that it lacks
    :raises NoProgramError: if pg_dump is missing
    """
    to = pyrage.x25519.Recipient.from_str(recipient)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Before the instant of the backup, so that it holds what it needs.
    noted_at = note_backup()
    with transaction.atomic(), connection.cursor() as cursor:
        # All of it is as of this transaction, which ends when pg_dump has read it.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(SNAPSHOT)
        snapshot, taken_at = cursor.fetchone()
        schema = newest_migration()
        name = taken_at.astimezone(UTC).strftime(TIME)
        with _whole(folder / (name + SUFFIX)) as file:
            sha256, size = _dump(snapshot, file, to)
    with _whole(folder / (name + JOURNAL_SUFFIX)) as file:
        _pack_journal(file, to)
    manifest = Manifest(
        file=name + SUFFIX,
        taken_at=taken_at.isoformat(),
        noted_at=noted_at.isoformat(),
        sha256=sha256,
        size=size,
        schema=schema,
        checks=secret_checks(),
    )
    check_file(folder / manifest.file, manifest)
    write_manifest(folder, manifest)
    return manifest


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """Yield a file as above, and say in a sentence why it could not be written."""
    try:
        with whole_file(path) as file:
            yield file
    except (OSError, pyrage.EncryptError) as error:
        message = f"The backup could not be written: {getattr(error, 'strerror', None) or type(error).__name__}."
        raise BackupError(message) from error


def _dump(snapshot: str, file: BinaryIO, to: pyrage.x25519.Recipient) -> tuple[str, int]:
    words, env = reach_database()
    left_out = [f"--exclude-table-data=public.{table}" for table in LEFT_OUT_TABLES]
    command = [
        program("pg_dump"),
        *words,
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--no-unlogged-table-data",
        f"--snapshot={snapshot}",
        *left_out,
    ]
    into = _Digesting(file)
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            pyrage.encrypt_io(process.stdout, into, [to])
        except BaseException:
            process.kill()
            raise
        if process.wait() != 0:
            complaints.seek(0)
            message = f"pg_dump has failed: {complaints.read().decode(errors='replace').strip()[-500:]}"
            raise BackupError(message)
    return into.digest.hexdigest(), into.size


def _pack_journal(file: BinaryIO, to: pyrage.x25519.Recipient) -> None:
    """Write the journal of this machine as it is now, which is later than the backup, encrypted."""
    # Its lines are encrypted already.
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for path in files_in(journal_folder()):
                tar.add(path, arcname=path.name)
        packed.seek(0)
        pyrage.encrypt_io(packed, file, [to])


def check_file(path: Path, manifest: Manifest) -> None:
    """Compare what lies on the disk with what was written.

    :raises BackupError: if it differs
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        begins = file.read(len(AGE_BEGINS))
        digest.update(begins)
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    if (begins, digest.hexdigest(), path.stat().st_size) != (AGE_BEGINS, manifest.sha256, manifest.size):
        message = f"{path.name} is not as it was written: the disk or the copying is at fault."
        raise BackupError(message)
