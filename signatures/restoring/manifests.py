"""What stands in the clear beside each backup: when it was taken, its digest, and which secrets belong to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from signatures.journaling.folders import Needs
from signatures.safeguarding.secret_marks import present_marks

SUFFIX = ".dump.age"
JOURNAL_SUFFIX = ".journal.age"
MANIFEST_SUFFIX = ".json"
UNFINISHED = ".unfinished"
LAST_GOOD = "last-good"
TIME = "%Y-%m-%dT%H%M%SZ"
# Until the next backup is made, and a little longer, in case that takes its time.
NEXT_BACKUP = timedelta(hours=25)
CHECK_LENGTH = 16


@dataclass(frozen=True)
class Manifest:
    """Facts about a backup.

    :ivar taken_at: the instant whose state it holds
    :ivar sha256: of the encrypted file, and ``size`` its bytes
    :ivar noted_at: when it was begun, as the journal of the machine that made it says
    :ivar schema: the newest migration that the tables have
    :ivar checks: of each secret a keyed digest, which says nothing of it but whether it is the same
    """

    file: str
    taken_at: str
    noted_at: str
    sha256: str
    size: int
    schema: str
    checks: dict[str, str]


def needs_of(manifest: Manifest) -> Needs:
    """Return which journal a backup needs at least; which others, and how far, it says itself once it is loaded."""
    # In the clear that would tell how many acts there were between two backups.
    return Needs(datetime.fromisoformat(manifest.noted_at), {})


def secret_checks() -> dict[str, str]:
    """Return a keyed digest of every secret without which a restored database is worth less, by setting."""
    return {f"{one.setting} {number}": one.mark.hex()[:CHECK_LENGTH] for number, one in enumerate(present_marks())}


def missing_secrets(manifest: Manifest) -> list[str]:
    """Return the settings that lack a secret which the backup was made under, whatever their order."""
    known = set(secret_checks().values())
    return sorted({name.split()[0] for name, check in manifest.checks.items() if check not in known})


def read_manifest(backup: Path) -> Manifest | None:
    """Return what stands beside a backup, or None if nothing does.

    :raises ValueError: if it is no manifest
    """
    path = backup.with_name(backup.name.removesuffix(SUFFIX) + MANIFEST_SUFFIX)
    if not path.exists():
        return None
    try:
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except TypeError as error:
        raise ValueError(path.name) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it beside the backup, and then that this is the last good one."""
    text = json.dumps(asdict(manifest), indent=2) + "\n"
    for name in (manifest.file.removesuffix(SUFFIX) + MANIFEST_SUFFIX, LAST_GOOD):
        with whole_file(folder / name) as file:
            file.write(text.encode())


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that gets its name once it is whole and on the disk; otherwise nothing is left of it."""
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def backups_in(folder: Path) -> Iterator[tuple[datetime, str]]:
    """Yield when each backup in a folder was taken, and how the names of its files begin."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        name = path.name.removesuffix(SUFFIX)
        try:
            yield datetime.strptime(name, TIME).replace(tzinfo=UTC), name
        except ValueError:
            # Not one of ours.
            continue


def delete_old_backups(folder: Path, now: datetime) -> int:
    """Delete the backups that would be older than BACKUP_DAYS before the next is made, but not the newest.

    :returns: how many were deleted
    """
    old = sorted(backups_in(folder))[:-1]
    oldest = now - timedelta(days=settings.BACKUP_DAYS) + NEXT_BACKUP
    gone = [name for taken_at, name in old if taken_at < oldest]
    for name in gone:
        for suffix in (SUFFIX, JOURNAL_SUFFIX, MANIFEST_SUFFIX):
            (folder / (name + suffix)).unlink(missing_ok=True)
    return len(gone)


def delete_unfinished(folder: Path) -> None:
    """Delete what a backup has left that was killed."""
    for path in folder.glob(f"*{UNFINISHED}"):
        path.unlink(missing_ok=True)
