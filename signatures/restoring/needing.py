"""Whether the journals that were given are those that a backup needs: of an empty or wrong one nothing is applied."""

from __future__ import annotations

from datetime import datetime

from signatures.journaling.entries import Entry
from signatures.journaling.files import ReadJournal
from signatures.journaling.folders import ALIVE, BACKED_UP, Needs

NOT_OF_THIS_BACKUP = (
    "The journals do not say that this backup was made: they are of another site, or empty, or files were deleted that"
    " it needs."
)
MISSING = "The journal {} is missing or an older copy (so its files are called): it has to reach the number {}."
WHAT_TO_DO = (
    " Name every machine's folder with --journal, as whole as it was last; ERASURE_JOURNAL may be a disk that is not"
    " mounted. If a journal is lost for good, say --journal-is-lost: then whoever has withdrawn since is shown again."
)


def _is_backup(entry: Entry) -> bool:
    return entry.about == BACKED_UP


def what_is_missing(needs: Needs, journal: ReadJournal) -> str | None:
    """Return what the journals lack, with what to do, or None.

    :param needs: what the backup says that it needs; later backups, which are in the journal, may add to it
    """
    wanted = dict(needs.newest)
    if (at := needs.backed_up_at) is not None:
        backups = {datetime.fromisoformat(one.facts["at"]): one.facts for one in journal.entries if _is_backup(one)}
        if at not in backups:
            return NOT_OF_THIS_BACKUP + WHAT_TO_DO
        for facts in (facts for since, facts in backups.items() if since > at):
            for name, (newest, seen_at) in facts["journals"].items():
                if datetime.fromisoformat(seen_at) > at - ALIVE:
                    wanted[name] = max(wanted.get(name, 0), newest)
    for name, newest in sorted(wanted.items()):
        if name not in journal.newest or journal.newest[name] < newest:
            return MISSING.format(name, newest) + WHAT_TO_DO
    return None
