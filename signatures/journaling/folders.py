"""What the database knows of the journals: how far each machine's has got, and that a backup was made.

A backup holds that, and the journal holds it, too. So whoever restores is told of a journal that is missing, that is an
older copy, or of which files were deleted that this backup needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from signatures.journaling.entries import Entry
from signatures.journaling.files import JOURNAL, KEPT_BEYOND_BACKUPS, folder
from signatures.journaling.ids import journal_id
from signatures.models import JournalFolder
from signatures.models.clock import instant_of_now, over

# What these entries are about; they have no row.
HERE = "journal"
BACKED_UP = "backup"
# A machine that has not noted itself for so long does not serve any more.
ALIVE = timedelta(days=1)
NEWEST = "SELECT coalesce(max(id), 0), clock_timestamp() FROM signatures_erasure"
KNOW = """
INSERT INTO signatures_journalfolder (id, newest, seen_at, backed_up_at) VALUES (%s, %s, now(), %s)
ON CONFLICT (id) DO UPDATE SET newest = greatest(signatures_journalfolder.newest, excluded.newest),
    seen_at = excluded.seen_at, backed_up_at = coalesce(excluded.backed_up_at, signatures_journalfolder.backed_up_at)
"""


@dataclass(frozen=True)
class Needs:
    """Which journals a backup needs.

    :ivar backed_up_at: when it was begun, as its entry says; None for a copy that was made in another way
    :ivar newest: by the id of each journal a number that it has got to, or to a higher one
    """

    backed_up_at: datetime | None
    newest: dict[str, int]


def note_folder() -> None:
    """Note that this machine writes a journal, in the journal first and then in the database.

    :raises JournalUnwritableError: if the journal cannot be written
    """
    _note(HERE, {}, None)


def note_backup() -> datetime:
    """Note that a backup begins, with every journal that is written, and return when, as its entry says.

    :raises JournalUnwritableError: if the journal cannot be written
    """
    JournalFolder.objects.filter(over("seen_at", timedelta(days=settings.BACKUP_DAYS) + KEPT_BEYOND_BACKUPS)).delete()
    at = instant_of_now()
    others = {
        one.id: [one.newest, one.seen_at.astimezone(UTC).isoformat()] for one in JournalFolder.objects.order_by("id")
    }
    _note(BACKED_UP, {"at": at.isoformat(), "journals": others}, at)
    return at


def _note(about: str, facts: dict[str, Any], backed_up_at: datetime | None) -> None:
    with connection.cursor() as cursor:
        # Under the newest number, not a new one: that would hide that an older copy lacks what another machine knows.
        cursor.execute(NEWEST)
        newest, at = cursor.fetchone()
        JOURNAL.add([Entry(newest, about, None, is_gone=False, facts=facts, at=at.astimezone(UTC))])
        cursor.execute(KNOW, [journal_id(folder()), newest, backed_up_at])


def known_needs() -> Needs:
    """Return which journals this database needs, if it is restored as it is now."""
    known = list(JournalFolder.objects.order_by("id"))
    last = max((one.seen_at for one in known), default=None)
    if last is None:
        return Needs(None, {})
    backups = [one.backed_up_at.astimezone(UTC) for one in known if one.backed_up_at is not None]
    newest = {one.id: one.newest for one in known if one.seen_at > last - ALIVE}
    # An entry that is older is not kept for as long as this copy may be.
    recent = [at for at in backups if at > last - ALIVE - timedelta(days=settings.BACKUP_DAYS)]
    return Needs(max(recent, default=None), newest)
