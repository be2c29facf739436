"""Folders for the parts of a file while it is made, and the removal of what a killed process left in them."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = "lock"


class ForeignFolderError(Exception):
    """Somebody else on this machine has made the folder that ours would stand in."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Lend a folder that only this account may open, and remove it afterwards.

    :raises ForeignFolderError: where it would not be private
    """
    with _alone() as place:
        _remove_abandoned(place)
        folder = Path(tempfile.mkdtemp(dir=place))
        # The lock ends with the process, however that ends.
        lock = _open_lock(folder)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        with _alone():
            shutil.rmtree(folder)
        os.close(lock)


def clear_scratch() -> None:
    """Remove what killed processes left."""
    with _alone() as place:
        _remove_abandoned(place)


@contextmanager
def _alone() -> Iterator[Path]:
    """Give the place of all folders, in which no other process makes or removes one meanwhile."""
    place = Path(tempfile.gettempdir()) / f"petition-lists-{os.getuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    facts = place.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o077:
        raise ForeignFolderError(place)
    handle = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield place
    finally:
        os.close(handle)


def _remove_abandoned(place: Path) -> None:
    for folder in place.iterdir():
        lock = _open_lock(folder)
        try:
            # Whoever still uses it holds its lock.
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        finally:
            os.close(lock)


def _open_lock(folder: Path) -> int:
    return os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
