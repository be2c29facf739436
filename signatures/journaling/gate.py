"""Whether this database may serve: not while it may hold what was taken away since it was backed up.

A backup has no row of ``Serving``: ``restore`` adds it once the journal is applied. A copy that was made in another way
has it, but not the numbers that the journal has got to. Each machine knows its own journal only, so whichever finds
that deletes the row: then no machine serves, also once new acts have brought the numbers further.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import Error, connection

from signatures.journaling.files import JournalDamagedError, Position
from signatures.journaling.folders import note_folder

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
# How often a process that serves notes which journal it writes: a restore must know of all of them.
NOTE_SECONDS = 3600.0
NOTE_AGAIN_SECONDS = 60.0
# A process that has never been able to look serves nothing until then.
FIRST_LOOK_SECONDS = 0.5
# For as long a server that has just taken over may not have everything; what is closed for good waits for that.
CONFIRM_SECONDS = 1.0
# Of the default connection, never that of a copy which follows. The newest row is never deleted (outbox.py).
STATE = """
SELECT (SELECT count(*) FROM signatures_serving) > 0, coalesce((SELECT max(id) FROM signatures_erasure), 0),
    pg_is_in_recovery()
"""
CLOSE = """
DELETE FROM signatures_serving WHERE (SELECT coalesce(max(id), 0) FROM signatures_erasure) < %s
"""
WAITING = (
    "What was taken away since is not applied to this database yet: it was restored from a backup, or a machine whose"
    " erasure journal knows more has closed it for all of them."
)
BEHIND = (
    "The erasure journal knows of acts that this database does not: it is an older copy, with names that may have been"
    " withdrawn since, or a new one, which needs an empty ERASURE_JOURNAL."
)
HINT = (
    "Nothing is served until `manage.py restore --in-place --journal FOLDER` has run, with the folders of all machines;"
    " docs/backup.md says more."
)
CLOSED = "No machine serves from this database any more: its row of signatures_serving is deleted."
NOT_CLOSED = "Other machines may still serve from this database: its row of signatures_serving could not be deleted."


@dataclass(frozen=True)
class Problem:
    """Why a database may not serve, and what to do.

    :ivar ahead: the number that the journal has got to, if a server that others can write to is behind it
    """

    sentence: str
    ahead: int | None = None


def find_problem(position: Position) -> Problem | None:
    """Return why this database may not serve, or None.

    :raises django.db.Error: if it cannot be asked
    """
    # First the journal: what is written into it meanwhile has a number of the database already.
    try:
        newest = position.newest()
    except JournalDamagedError as error:
        return Problem(str(error))
    except OSError as error:
        return Problem(f"ERASURE_JOURNAL cannot be read: {error.strerror}.")
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        is_serving, last, is_following = cursor.fetchone()
    if not is_serving:
        return Problem(f"{WAITING} {HINT}")
    if newest <= last:
        return None
    return Problem(f"{BEHIND} {HINT}", None if is_following else newest)


class Gate:
    """Looks every few seconds, in a process that serves, and says in the log why it is closed."""

    def __init__(self) -> None:
        """Look at the first request."""
        self.is_watched = False
        self._position = Position()
        self._look_at = self._note_at = 0.0
        self._has_looked = self._has_told = False
        self._closed_by: str | None = None
        self._looking = threading.Lock()

    def watch(self) -> None:
        """Look from now on; commands and tests do without."""
        self.is_watched = True

    def is_closed(self) -> bool:
        """Return whether nothing may be served now: until that was found out; then what cannot be is as it was."""
        if not self.is_watched:
            return False
        # The first look is waited for.
        if (not self._has_looked or self._is_due()) and self._looking.acquire(blocking=not self._has_looked):
            try:
                if self._is_due():
                    self._look()
            finally:
                self._looking.release()
        return not self._has_looked or self._closed_by is not None

    def _is_due(self) -> bool:
        return time.monotonic() >= self._look_at

    def _look(self) -> None:
        self._look_at = time.monotonic() + LOOK_SECONDS
        try:
            found = find_problem(self._position)
        except Error as error:
            # An outage, which others tell of, but where nothing gets as far as them.
            if not self._has_looked:
                self._look_at = time.monotonic() + FIRST_LOOK_SECONDS
                self._tell_once(error)
            return
        self._has_looked = True
        sentence = found.sentence if found else None
        if sentence is not None and sentence != self._closed_by:
            logger.error(sentence)
        self._closed_by = sentence
        if found is None and time.monotonic() >= self._note_at:
            self._note()
        if found and found.ahead is not None and _close_for_all(found.ahead):
            self._look_at = 0.0

    def _note(self) -> None:
        """Note this machine's journal; where that cannot be done now, everything else goes on."""
        self._note_at = time.monotonic() + NOTE_AGAIN_SECONDS
        with suppress(Error):
            note_folder()
            self._note_at = time.monotonic() + NOTE_SECONDS

    def _tell_once(self, error: Error) -> None:
        if not self._has_told:
            self._has_told = True
            logger.warning(
                "Nothing is served until the database was asked: %s", type(error.__cause__ or error).__name__
            )


def _close_for_all(ahead: int) -> bool:
    """Let no machine serve, if the database is still behind after a moment, and return whether that was found out."""
    time.sleep(CONFIRM_SECONDS)
    try:
        with connection.cursor() as cursor:
            cursor.execute(CLOSE, [ahead])
            if cursor.rowcount:
                logger.error(CLOSED)
    except Error as error:
        logger.error("%s %s", NOT_CLOSED, type(error.__cause__ or error).__name__)  # noqa: TRY400 - names no values
        return False
    return True


GATE = Gate()


def journal_folder_problem(folder: Path) -> str | None:
    """Return why entries cannot be added in a folder, or None."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return f"ERASURE_JOURNAL names a folder that cannot be written: {error.strerror}."
    return None
