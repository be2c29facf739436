"""Streams files while they are made: reads ahead, packs into a ZIP, provides folders for temporary files."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from stream_zip import ZIP_AUTO, stream_zip

FILE_MODE = 0o100600
# Even this shrinks text to a fifth; a higher level would take longer than making the list.
COMPRESSION_LEVEL = 1
LOCK = "lock"
Chunk = TypeVar("Chunk")


def one_ahead(chunks: Generator[Chunk]) -> Generator[Chunk]:
    """Yield chunks that a thread makes one ahead of the consumer; the thread ends with the last chunk or on closing."""
    # The thread ends before the chunks are closed, since a running generator can't be closed.
    with closing(chunks), ThreadPoolExecutor(max_workers=1) as maker:
        coming = maker.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = maker.submit(next, chunks, None)
            yield chunk


def zipped(
    files: Iterable[tuple[str, Iterator[bytes]]], *, made_at: datetime, bytes_max: int, password: str
) -> Iterator[bytes]:
    """Yield a ZIP of files in chunks.

    :param bytes_max: upper bound for the size of each file
    :param password: encrypts the files in it (AES) unless it is empty
    """
    method = ZIP_AUTO(bytes_max, level=COMPRESSION_LEVEL)
    members = ((name, made_at, FILE_MODE, method, chunks) for name, chunks in files)
    yield from stream_zip(members, password=password or None)


class ForeignFolderError(Exception):
    """Another account on this machine owns, or can read, the folder that would contain ours."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Create a folder that only this account may open, and remove it afterwards.

    :raises ForeignFolderError: if it would not be private
    """
    with _alone() as place:
        _remove_abandoned(place)
        folder = Path(tempfile.mkdtemp(dir=place))
        # The lock is released with the process, however that ends.
        lock = _open_lock(folder)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        with _alone():
            shutil.rmtree(folder)
        os.close(lock)


def clear_scratch() -> None:
    """Remove the folders that killed processes left behind."""
    with _alone() as place:
        _remove_abandoned(place)


@contextmanager
def _alone() -> Iterator[Path]:
    """Lock the parent of all scratch folders, so that no other process creates or removes one meanwhile."""
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
            # A process that still uses it holds its lock.
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        finally:
            os.close(lock)


def _open_lock(folder: Path) -> int:
    return os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
