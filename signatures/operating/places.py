"""What lies outside the database: how much room its disks have, and how old the last backup is."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection

# Where Debian's packages keep databases. The folder's disk can be asked about by anybody.
DEBIAN_DATABASES = Path("/var/lib/postgresql")
LOCAL_HOSTS = ("", "localhost", "127.0.0.1", "::1")
# Written by the backup when it has succeeded.
LAST_GOOD = "last-good"
# Backups are made every night, and may take hours.
BACKUP_LATE_SECONDS = 36 * 60 * 60
GIB = 1024**3
# A small disk is nearly full at a tenth, a large one long after that.
FREE_MIN, FREE_PART, FREE_ENOUGH = 2 * GIB, 0.1, 20 * GIB


class Disk(NamedTuple):
    """The room on a disk, in bytes."""

    free: int
    size: int


def disks() -> dict[str, Disk]:
    """Return the disks by what lies there: the site itself, backups, the erasure journal, and a database beside us."""
    places = {"site": str(settings.BASE_DIR)}
    for name, written_to in (("backups", settings.BACKUP_FOLDER), ("journal", settings.ERASURE_JOURNAL)):
        if written_to:
            places[name] = str(written_to)
    if is_database_here():
        places["database"] = str(DEBIAN_DATABASES)
    found = {}
    for name, folder in places.items():
        with suppress(OSError):
            usage = shutil.disk_usage(folder)
            found[name] = Disk(usage.free, usage.total)
    return found


def is_database_here() -> bool:
    """Return whether PostgreSQL runs on this machine, as Debian's packages have it."""
    host = str(connection.settings_dict.get("HOST") or "")
    return (host in LOCAL_HOSTS or host.startswith("/")) and DEBIAN_DATABASES.is_dir()


def is_nearly_full(disk: Disk) -> bool:
    """Return whether a disk has too little room left."""
    return disk.free < FREE_MIN or (disk.free < FREE_ENOUGH and disk.free < disk.size * FREE_PART)


def is_last_backup_whole(folder: Path) -> bool:
    """Return whether the backup that is called the last good one lies there, as large as it was written."""
    try:
        last = json.loads((folder / LAST_GOOD).read_text(encoding="utf-8"))
        return bool((folder / last["file"]).stat().st_size == last["size"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def backup_age() -> float | None:
    """Return the seconds since the last good backup, infinity if there was none, or None where none are made."""
    if not settings.BACKUP_FOLDER:
        return None
    try:
        return max(time.time() - Path(settings.BACKUP_FOLDER, LAST_GOOD).stat().st_mtime, 0.0)
    except OSError:
        return float("inf")
