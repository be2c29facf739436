"""Room on the disks, and what else of this machine would keep what must be forgotten."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error

from signatures.doctor.findings import Finding, Options, fine, rows, warn, wrong
from signatures.operating.places import DEBIAN_DATABASES, Disk, is_database_here, is_nearly_full

MEBIBYTE = 1024 * 1024
WRONG_BELOW = 200 * MEBIBYTE
INODES_MIN = 2000
CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")
# These obey the limit that the site sets.
OBEYING = ("systemd-coredump", "apport")
# The tables are rewritten one after the other, each beside its old files.
SIZES = """
SELECT pg_database_size(current_database()), coalesce(max(pg_total_relation_size(oid)), 0)
FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
"""


def check_disk(options: Options) -> Iterator[Finding]:
    """Check the free room where the site, its backups and PostgreSQL on this machine write."""
    folders = {"STATIC_ROOT": Path(settings.STATIC_ROOT), "temporary files": Path(tempfile.gettempdir())}
    for name in ("BACKUP_FOLDER", "ERASURE_JOURNAL"):
        if place := getattr(settings, name):
            folders[name] = Path(place)
    needed, text = {}, ""
    try:
        [(size, largest)] = rows(SIZES)
        text = f"; the database has {size // MEBIBYTE} MB"
    except Error:
        # Perhaps just because a disk is full, which is looked at below.
        largest = 0
    if is_database_here():
        folders["PostgreSQL"] = DEBIAN_DATABASES
        needed["PostgreSQL"] = largest
    seen: dict[int, list[str]] = {}
    for name, folder in folders.items():
        try:
            seen.setdefault(folder.stat().st_dev, []).append(name)
        except OSError:
            yield wrong(f"The folder of {name} is not there.", f"Make {folder}, for the account of the site.")
    are_all_fine = True
    for names in seen.values():
        finding = _room(names, folders[names[0]], max((needed.get(name, 0) for name in names), default=0))
        are_all_fine = are_all_fine and finding is None
        yield from [finding] if finding else []
    if are_all_fine:
        yield fine(f"There is room on the disks{text}.")


def _room(names: list[str], folder: Path, needed: int) -> Finding | None:
    usage = shutil.disk_usage(folder)
    free = usage.free
    inodes = os.statvfs(folder)
    what = f"{free // MEBIBYTE} MB are free on the disk of {', '.join(names)}"
    mend = "Make room, or enlarge the disk: on a full one nobody can sign."
    if free < WRONG_BELOW or (inodes.f_files and inodes.f_favail < INODES_MIN):
        return wrong(f"{what}{'' if free < WRONG_BELOW else ', and hardly any files can be made'}.", mend)
    if is_nearly_full(Disk(free, usage.total)):
        return warn(f"{what}.", mend)
    if free < needed:
        return warn(
            f"{what}, and the largest table needs {needed // MEBIBYTE} MB to be rewritten: what was erased stays in its"
            " files.",
            mend,
        )
    return None


def check_machine(options: Options) -> Iterator[Finding]:
    """Check that memory is written to no disk: core dumps, and swap in the clear."""
    found = []
    pattern = _text(CORE_PATTERN)
    if pattern.startswith("|") and not any(word in pattern for word in OBEYING):
        found.append(
            warn(
                "The kernel hands core dumps to a program that may not obey the site's limit.",
                "Set kernel.core_pattern=core in /etc/sysctl.d, or teach that program RLIMIT_CORE.",
            )
        )
    if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0:
        found.append(
            wrong(
                "Processes of the site may leave core dumps, which hold names and secrets.",
                "Start it by manage.py and gunicorn.conf.py, and set LimitCORE=0 in its units.",
            )
        )
    if _may_database_dump():
        found.append(
            warn(
                "PostgreSQL on this machine may leave core dumps, which hold names.",
                "Set LimitCORE=0 in its systemd unit, and restart it.",
            )
        )
    swaps = [line.split()[0] for line in _text(Path("/proc/swaps")).splitlines()[1:]]
    if any("zram" not in swap and not swap.startswith("/dev/dm-") for swap in swaps):
        found.append(
            warn(
                "Memory is swapped to a disk that is not known to be encrypted.", "Encrypt the swap space, or use zram."
            )
        )
    yield from found or [fine("Neither core dumps nor swap keep what is in memory.")]


def _may_database_dump() -> bool:
    for process in Path("/proc").glob("[0-9]*"):
        if _text(process / "comm").strip() in {"postgres", "postmaster"}:
            for line in _text(process / "limits").splitlines():
                if line.startswith("Max core file size") and line.split()[4] != "0":
                    return True
    return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
