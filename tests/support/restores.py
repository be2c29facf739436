"""Restores of what one test does: in the database it is as it was, and in the journal it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from signatures.journaling import copy_own
from signatures.journaling.files import read_journal
from signatures.restoring.replaying import Applied, apply_journal

Act = Callable[[], object]
Restore = Callable[[Act], Applied]


def restoring_by(journal: Path) -> Restore:
    """Return what does something, restores the state of before, and applies the journal in a folder."""

    def run(act: Act) -> Applied:
        # What was done for the backup.
        copy_own()
        with transaction.atomic():
            act()
            copy_own()
            # In the database, and not in the journal.
            transaction.set_rollback(True)
        entries = read_journal([journal]).entries
        applied = apply_journal(entries, backup="a test")
        again = apply_journal(entries, backup="a test").amounts
        assert {about: amount for about, amount in again.items() if about != "delivery"} == {}
        return applied

    return run
