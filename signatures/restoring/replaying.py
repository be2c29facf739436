"""Applies the erasure journal to a database that was restored, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from signatures import auditing
from signatures.journaling.entries import NOTHING, Entry
from signatures.models.choices import AuditAction
from signatures.models.erasure import NUMBERS
from signatures.restoring.accounts import ACCOUNTS
from signatures.restoring.attempts import apply_to_attempts
from signatures.restoring.campaigns import CAMPAIGNS, apply_switches, end_what_was_under_way
from signatures.restoring.fates import FATES, Fate
from signatures.restoring.latest import latest_by_table
from signatures.restoring.signers import TABLE, apply_suppressions, apply_to_signatures
from signatures.safeguarding.after_break_in import end_logins

SUPPRESSIONS = "signatures_suppression"
SWITCHES = "signatures_switch"
# Where a journal is lost: if it is found again, it is not ahead of this database, and knows none of its new rows.
AHEAD = 10_000_000
# Paper that was printed since the backup lies about with numbers of which nothing here knows: they are not given again,
# perhaps under another text. More than are printed between two backups.
SHEETS, SHEETS_AHEAD = "signatures_sheet", 10_000
# Nobody serves from this database, but a process that was not stopped may hold a connection.
NOBODY_ELSE = "LOCK TABLE signatures_signature, signatures_attempt IN EXCLUSIVE MODE"
# A number that was used since the backup is of another row than the next one with it: the journal knows rows by these.
GO_ON = """
SELECT setval(sequence, greatest(%s, (SELECT coalesce(last_value, 1) FROM pg_sequences
    WHERE format('%%I.%%I', schemaname, sequencename)::regclass = sequence)) + %s)
FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence) AS found WHERE sequence IS NOT NULL
"""

HAS_NUMBERS = "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'id')"


@dataclass(frozen=True)
class Applied:
    """What was taken away again, in rows, by what it is about; what came to nothing is left out."""

    amounts: dict[str, int]

    @property
    def total(self) -> int:
        """Return how many rows that were."""
        return sum(self.amounts.values())


def apply_journal(entries: Sequence[Entry], *, backup: str, is_incomplete: bool = False) -> Applied:
    """Take away again whatever the journal says was taken away.

    It may be applied any number of times, also to a database that knows some of it, or all.

    :param entries: of all journals, in the order of their numbers
    :param backup: which backup it is, for the audit log
    :param is_incomplete: whether some journal is lost, so that withdrawals since must be repeated
    """
    rows = latest_by_table(entries)
    done: Counter[str] = Counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NOBODY_ELSE)
        _go_on(entries, rows, AHEAD if is_incomplete else 0)
        done += apply_to_signatures(rows.get(TABLE, {}))
        done["attempts spent"] = apply_to_attempts(entries)
        done["addresses left in peace"] = apply_suppressions(one for one in entries if one.about == SUPPRESSIONS)
        for table, apply in {**ACCOUNTS, **CAMPAIGNS}.items():
            if table in rows:
                done[table.removeprefix("signatures_").removeprefix("django_otp_webauthn_")] = apply(rows[table])
        done["switches turned"] = apply_switches(one for one in entries if one.about == SWITCHES)
        done["rules and requests ended"] = end_what_was_under_way()
        logins = end_logins()
        done["sessions and links ended"] = logins.sessions + logins.links
        applied = Applied({about: amount for about, amount in done.items() if amount})
        auditing.record(
            actor=None,
            action=AuditAction.BACKUP_RESTORED,
            amount=applied.total,
            reason=backup,
            details={"journal_is_lost": True} if is_incomplete else None,
        )
    return applied


def _go_on(entries: Sequence[Entry], rows: dict[str, dict[int, Entry]], ahead: int) -> None:
    """Let the numbers of entries and of rows go on behind those that were used since the backup.

    :param ahead: by how much farther, for those that a journal knows which is lost
    """
    with connection.cursor() as cursor:
        for table in (table for table, (fate, _) in FATES.items() if fate is Fate.NOTED and has_numbers(table)):
            cursor.execute(GO_ON, [max(rows.get(table, [0])), ahead, table])
        cursor.execute(GO_ON, [0, SHEETS_AHEAD + ahead, SHEETS])
        cursor.execute(
            f"SELECT setval(%s, greatest(last_value, %s) + %s) FROM {NUMBERS}",  # noqa: S608 - a constant of ours
            [NUMBERS, max((entry.number for entry in entries), default=1), ahead],
        )
        # Behind the newest of the journals, by which the site knows that this database is no older than they are.
        cursor.execute("INSERT INTO signatures_erasure (about) VALUES (%s)", [NOTHING])


def has_numbers(table: str) -> bool:
    """Return whether the rows of a table are numbered by itself."""
    with connection.cursor() as cursor:
        cursor.execute(HAS_NUMBERS, [table])
        return bool(cursor.fetchone()[0])
