"""What a process needs to serve forms: each thing is tried, and none is taken for granted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.db import Error, connection

from signatures.journaling.gate import journal_folder_problem
from signatures.models.pooling import Pooling, pooling_of
from signatures.models.schema_state import schema_state
from signatures.models.writability import writing_failure
from signatures.outages import refusal_of
from signatures.safeguarding.secret_marks import NEEDED, dropped_versions, lost_settings

logger = logging.getLogger(__name__)

# Whoever asks more often is told the same: a flood of questions must cost nothing.
KEPT_SECONDS = 1.0
# How connections are pooled does not change while a pooler runs, and looking opens two connections.
POOLING_KEPT_SECONDS = 60.0
LOGGED_EVERY_SECONDS = 60.0
WAIT_SECONDS = 2.0
LIMITS_KEY = "ready"


class Readiness:
    """The checks of one process, each made when it is asked for, and kept for a moment."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._lock = threading.Lock()
        self._kept: dict[str, bool] = {}
        self._until = 0.0
        self._pooled_until = 0.0
        self._log_after = 0.0

    def forget(self) -> None:
        """Look at everything anew when asked next."""
        self._until = self._pooled_until = 0.0

    def checks(self) -> dict[str, bool]:
        """Return whether each thing that forms need is there; what could not be found out is not."""
        # Others wait for whoever looks, rather than look, too; but a database that hangs shall not hold all threads.
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            return dict.fromkeys([*self._looks, "static"], False)
        try:
            if time.monotonic() >= self._until:
                self._kept = self._look()
                self._until = time.monotonic() + KEPT_SECONDS
            return dict(self._kept)
        finally:
            self._lock.release()

    @property
    def _looks(self) -> dict[str, Callable[[], bool]]:
        return {
            "database": _is_reachable,
            "migrations": _is_migrated,
            "writing": self._can_write,
            "pooling": self._keeps_sessions,
            "secrets": _are_secrets_ours,
            "limits": _can_count,
            "journal": _can_note,
        }

    def _look(self) -> dict[str, bool]:
        looks = self._looks
        checks = dict.fromkeys(looks, False)
        for name, look in looks.items():
            try:
                checks[name] = look()
            except Error as error:
                self._complain(error)
                if name == "database":
                    # Each of the others would wait for it as long.
                    break
        return {**checks, "static": are_static_files_there()}

    def _can_write(self) -> bool:
        failure = writing_failure()
        if failure is not None:
            self._complain(failure)
        return failure is None

    def _keeps_sessions(self) -> bool:
        if time.monotonic() < self._pooled_until:
            return True
        keeps = pooling_of() != Pooling.TRANSACTIONS
        if keeps:
            self._pooled_until = time.monotonic() + POOLING_KEPT_SECONDS
        return keeps

    def _complain(self, error: Exception) -> None:
        """Log why, at most once a minute: nothing else may ask the database for a long time."""
        if time.monotonic() >= self._log_after:
            self._log_after = time.monotonic() + LOGGED_EVERY_SECONDS
            kind = type(error.__cause__ or error).__name__
            logger.warning("The site is not ready: %s. %s", kind, refusal_of(error))


def are_static_files_there() -> bool:
    """Return whether each file of ours has a name in the manifest that this process has read, and lies under it."""
    # Where they are not hashed there is no manifest.
    names = getattr(staticfiles_storage, "hashed_files", None)
    if names is None:
        return True
    root = Path(settings.STATIC_ROOT)
    return all(name in names and (root / names[name]).is_file() for name in own_static_files())


def own_static_files() -> list[str]:
    """Return the names of the styles and scripts that pages load, as templates name them."""
    found = []
    for folder in map(Path, settings.STATICFILES_DIRS):
        found += [path.relative_to(folder).as_posix() for kind in ("css", "js") for path in folder.glob(f"{kind}/*")]
    return sorted(found)


def _is_reachable() -> bool:
    # A lost connection is opened anew at the first statement of a request, which is this one.
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _is_migrated() -> bool:
    # On newer tables it goes on: a release that is put back must be able to serve.
    return not schema_state().missing


def _can_note() -> bool:
    # Whoever withdraws is not answered before it is noted.
    return journal_folder_problem(settings.ERASURE_JOURNAL) is None


def _are_secrets_ours() -> bool:
    return not set(lost_settings()) & set(NEEDED) and not dropped_versions()


def _can_count() -> bool:
    # Whatever stands there: its store answers, PostgreSQL or Redis.
    caches["ratelimits"].get(LIMITS_KEY)
    return True


READINESS = Readiness()
