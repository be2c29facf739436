"""The files of the journal: one for each process and day, to which whole lines are added and nothing is changed.

A process that is killed leaves at most one line without an end, the last of its file. Such a line was not answered for.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import OperationalError

from signatures.journaling.entries import Entry, UnreadableLineError, highest_up_to, seal, unseal
from signatures.journaling.ids import journal_id, journal_id_in
from signatures.models.clock import instant_of_now

SUFFIX = ".journal"
# Longer than backups: a file is deleted whole, by the day on which it was begun, and clocks differ.
KEPT_BEYOND_BACKUPS = timedelta(days=2)
# Files go only once files of two later days are that much younger: a clock that is years ahead for a while makes one
# such day.
LATER_DAYS = 2
# In which the last line of a file is looked for; if none ends there, in more.
TAIL_BYTES = 16 * 1024
# However many there are at once, no line is too long to be looked for at the end of a file.
ENTRIES_A_LINE = 50

UNREADABLE = (
    "The erasure journal cannot be read: JOURNAL_KEYS lacks the key that it was written with. Put it back, behind the"
    " new one."
)


class JournalUnwritableError(OperationalError):
    """The journal cannot be written: to visitors an outage like that of the database, until somebody mends it."""


class JournalDamagedError(Exception):
    """A file of the journal is not as it was written; its sentence says which, and what to do."""


class _OpenFile:
    """A file that this process adds lines to."""

    def __init__(self, folder: Path) -> None:
        self.day = datetime.now(UTC).date()
        self.process = os.getpid()
        self.name = f"{self.day}-{journal_id(folder)}-{uuid.uuid4().hex}{SUFFIX}"
        self.lines = self.on_disk = self.highest = 0
        self.is_broken = False
        self.handle = os.open(folder / self.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        # Its name, too, must survive a power cut.
        of_folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(of_folder)
        finally:
            os.close(of_folder)

    def __del__(self) -> None:
        if hasattr(self, "handle"):
            os.close(self.handle)

    def add(self, entries: Sequence[Entry]) -> int:
        """Write lines, and return how many there are now."""
        lines, count, highest = b"", self.lines, self.highest
        for start in range(0, len(entries), ENTRIES_A_LINE):
            part = entries[start : start + ENTRIES_A_LINE]
            highest = max(highest, *(one.number for one in part))
            lines += seal(part, file=self.name, line=count, highest=highest)
            count += 1
        with self._breaking():
            if os.write(self.handle, lines) != len(lines):
                raise OSError(self.name)
        self.lines, self.highest = count, highest
        return count

    def sync(self, lines: int) -> None:
        """Return when so many lines are on the disk; whoever waited here mostly finds them there.

        :raises OSError: if they are not, or nobody can know
        """
        if self.on_disk >= lines:
            return
        if self.is_broken:
            raise OSError(self.name)
        reached = self.lines
        with self._breaking():
            os.fsync(self.handle)
        self.on_disk = reached

    @contextmanager
    def _breaking(self) -> Iterator[None]:
        """End the file at a failure.

        A line behind a torn one could not be read; and the kernel tells of lost lines once: the next fsync succeeds.
        """
        try:
            yield
        except OSError:
            self.is_broken = True
            raise


class Journal:
    """The journal of this process, in a folder that several processes share."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._file: _OpenFile | None = None
        self._writing = threading.Lock()
        self._syncing = threading.Lock()

    def add(self, entries: Sequence[Entry]) -> None:
        """Add entries, and return when they are on the disk.

        :raises JournalUnwritableError: if they are not
        """
        try:
            with self._writing:
                file = self._current()
                lines = file.add(entries)
            with self._syncing:
                file.sync(lines)
        except OSError as error:
            message = "the erasure journal cannot be written"
            raise JournalUnwritableError(message) from error

    def _current(self) -> _OpenFile:
        file = self._file
        if file is None or file.is_broken or (file.day, file.process) != (datetime.now(UTC).date(), os.getpid()):
            # The last one ends with whoever still waits for it.
            file = self._file = _OpenFile(folder())
        return file


JOURNAL = Journal()


def folder() -> Path:
    """Return the folder of this machine's journal."""
    return settings.ERASURE_JOURNAL


@dataclass(frozen=True)
class ReadJournal:
    """All that several folders hold.

    :ivar torn: how many files end in the middle of a line, as one whose process was killed does
    :ivar newest: the highest number of each machine's journal, by its id
    :ivar ends: when the newest act in each machine's journal began, by its id
    """

    entries: list[Entry]
    files: int
    torn: int
    newest: dict[str, int]
    ends: dict[str, datetime]


def read_journal(folders: Iterable[Path]) -> ReadJournal:
    """Read every file in these folders, in the order of what happened.

    :raises JournalDamagedError: if a folder is missing or cannot be read, or a file is not as it was written
    """
    # A database that was restored without some journal may have used their numbers anew: none of both is dropped.
    entries: dict[tuple[int, datetime, str, int], Entry] = {}
    newest: dict[str, int] = {}
    ends: dict[str, datetime] = {}
    files = torn = 0
    for place in folders:
        if not place.is_dir():
            message = f"{place} is no folder: name the folders in which the journals of all machines are."
            raise JournalDamagedError(message)
        try:
            read = {path.name: _read(path) for path in files_in(place)}
        except OSError as error:
            message = (
                f"{place} cannot be read by this account ({error.strerror}): let it belong to the one that restores."
            )
            raise JournalDamagedError(message) from error
        for name, (found, is_torn) in read.items():
            entries |= {(one.number, one.at, one.about, one.row_id or 0): one for one in found}
            machine = journal_id_in(name)
            newest[machine] = max([newest.get(machine, 0), *(one.number for one in found)])
            if found:
                last = max(one.at for one in found)
                ends[machine] = max(last, ends.get(machine, last))
            torn += is_torn
        files += len(read)
    return ReadJournal([entries[key] for key in sorted(entries)], files, torn, newest, ends)


def files_in(place: Path) -> list[Path]:
    """Return the files of a folder in the order of their names; ``glob`` would find none where it may not look.

    :raises OSError: if the folder cannot be read; one that is not made yet has no files
    """
    if not place.is_dir():
        return []
    return sorted(place / name for name in os.listdir(place) if name.endswith(SUFFIX))  # noqa: PTH208 - see above


def _read(path: Path) -> tuple[list[Entry], bool]:
    """Return the entries of a file, and whether it ends in the middle of a line."""
    *lines, rest = path.read_bytes().split(b"\n")
    found: list[Entry] = []
    for number, line in enumerate(lines):
        try:
            found += unseal(line, file=path.name, line=number)
        except UnreadableLineError as error:
            message = (
                f"Line {number + 1} of {path} cannot be read: the file was changed or renamed, or JOURNAL_KEYS lacks"
                " the key that it was written with. Take an undamaged copy, such as the one beside a backup."
            )
            raise JournalDamagedError(message) from error
    return found, bool(rest)


class Position:
    """How far the journal of this machine has got; files that have not grown are not read again."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[str, tuple[int, int]] = {}

    def newest(self) -> int:
        """Return the highest number at the ends of the files, or 0 if there are none.

        :raises JournalDamagedError: if nothing of a file can be read
        :raises OSError: if the folder cannot be read
        """
        sizes = {path: path.stat().st_size for path in files_in(folder())}
        self._known = {
            path.name: known
            if (known := self._known.get(path.name)) is not None and known[0] == size
            else (size, _newest_in(path))
            for path, size in sizes.items()
        }
        return max((number for _, number in self._known.values()), default=0)


def _newest_in(path: Path) -> int:
    """Return the highest number of a file, which stands in its last line, or 0 if no line of it is whole.

    :raises JournalDamagedError: if there are whole lines, and none can be read
    """
    size, tail = path.stat().st_size, TAIL_BYTES
    while True:
        with path.open("rb") as file:
            file.seek(max(size - tail, 0))
            lines = file.read().split(b"\n")[:-1]
        for line in reversed(lines):
            # The first may be only the end of a line.
            with suppress(UnreadableLineError):
                return highest_up_to(line)
        if tail >= size:
            break
        # One line may be longer.
        tail *= 16
    if lines:
        raise JournalDamagedError(UNREADABLE)
    return 0


def days_noted() -> int:
    """Return after how many days nothing is left of an entry, in the backups of the journal either."""
    # Its file is deleted in the course of the day after the one on which it is too old, and a backup may have it still.
    return settings.BACKUP_DAYS + KEPT_BEYOND_BACKUPS.days + LATER_DAYS + 1 + settings.BACKUP_DAYS


def delete_old_files() -> int:
    """Delete the files that no backup is old enough for, and return how many."""
    files = files_in(folder())
    today = min(instant_of_now().date(), datetime.now(UTC).date())
    dated = {path: day for path in files if (day := _day_of(path)) is not None}
    days = sorted({day for day in dated.values() if day <= today}, reverse=True)
    if len(days) < LATER_DAYS:
        return 0
    oldest = days[LATER_DAYS - 1] - timedelta(days=settings.BACKUP_DAYS) - KEPT_BEYOND_BACKUPS
    old = [path for path, day in dated.items() if day < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _day_of(path: Path) -> date | None:
    """Return the day on which a file was begun, or None if its name is not ours: a restore tells of such a file."""
    try:
        return date.fromisoformat(path.name[: len("2026-01-01")])
    except ValueError:
        return None
