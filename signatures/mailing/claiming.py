"""Picks the mails that a worker sends next, and drops those that must not be sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from signatures.models import MailCount, OutgoingMail, Suppression
from signatures.models.choices import MailKind

BATCH_SIZE = 50
# A dead worker's mails come back after this; a living one gives the rest of its batch back earlier.
CLAIM_LIFETIME = timedelta(minutes=5)
MAILS_PER_DAY = 3
MY_SIGNATURE_MAILS_PER_DAY_SUPPRESSED = 1
COUNTS_KEPT = timedelta(days=2)


def claim_batch() -> tuple[Sequence[OutgoingMail], int]:
    """Claim mails that are due, and return them with the number of those dropped.

    Dropped, with their addresses, are mails that a newer one of their kind replaces, mails to addresses that want none,
    and mails over the day's limit. One transaction; other workers pass over its rows.
    """
    with transaction.atomic():
        rows = list(
            OutgoingMail.objects.due()
            .select_for_update(skip_locked=True)
            .order_by("next_attempt_at", "id")[:BATCH_SIZE]
        )
        replaced = _replaced(rows)
        suppressed = _suppressed(rows)
        kept = [
            row
            for row in sorted(rows, key=_in_order)
            if row.pk not in replaced and _is_wanted(row, suppressed=bytes(row.mail_key) in suppressed)
        ]
        kept.sort(key=lambda row: row.pk)
        kept_ids = [row.pk for row in kept]
        OutgoingMail.objects.filter(pk__in=[row.pk for row in rows]).exclude(pk__in=kept_ids).delete()
        OutgoingMail.objects.filter(pk__in=kept_ids).update(
            counted=True, claimed_until=TransactionNow() + CLAIM_LIFETIME
        )
    return kept, len(rows) - len(kept)


def give_back(rows: Sequence[OutgoingMail]) -> None:
    """Let workers claim again what was not sent, and take it out of its day's count.

    A mail that has not left must not keep a later one to the same address from being sent. One that was claimed by a
    worker that died stays counted, since it may have left.
    """
    uncounted = [row for row in sorted(rows, key=_in_order) if not row.counted]
    with transaction.atomic(), connection.cursor() as cursor:
        for row in uncounted:
            cursor.execute(
                "UPDATE signatures_mailcount SET amount = amount - 1"
                " WHERE mail_key = %s AND day = %s AND kind = %s AND amount > 0",
                [bytes(row.mail_key), row.claimed_on, row.kind],
            )
        OutgoingMail.objects.filter(pk__in=[row.pk for row in uncounted]).update(counted=False)
        OutgoingMail.objects.filter(pk__in=[row.pk for row in rows]).update(claimed_until=None)


def delete_old_counts() -> int:
    """Delete the mail counts of days that are over, and return how many."""
    return MailCount.objects.filter(day__lt=TransactionNow() - COUNTS_KEPT).delete()[0]


def _in_order(row: OutgoingMail) -> tuple[bytes, int]:
    """Return what rows are sorted by in every worker, so that their counters cannot lock each other out."""
    return bytes(row.mail_key), row.pk


def _replaced(rows: Sequence[OutgoingMail]) -> set[int]:
    newer = OutgoingMail.objects.filter(
        mail_key=OuterRef("mail_key"), kind=OuterRef("kind"), petition=OuterRef("petition"), pk__gt=OuterRef("pk")
    )
    ids = [row.pk for row in rows]
    return set(OutgoingMail.objects.filter(Exists(newer), pk__in=ids).values_list("pk", flat=True))


def _suppressed(rows: Sequence[OutgoingMail]) -> set[bytes]:
    keys = {bytes(row.mail_key) for row in rows}
    return {bytes(key) for key in Suppression.objects.filter(mail_key__in=keys).values_list("mail_key", flat=True)}


def _is_wanted(row: OutgoingMail, *, suppressed: bool) -> bool:
    if row.counted:
        # Claimed before by a worker that died.
        return True
    if suppressed and row.kind == MailKind.CONFIRM:
        return False
    limit = MY_SIGNATURE_MAILS_PER_DAY_SUPPRESSED if suppressed else MAILS_PER_DAY
    with connection.cursor() as cursor:
        # The limit stands in the statement, so that several workers cannot pass it together.
        cursor.execute(
            "INSERT INTO signatures_mailcount AS old (mail_key, day, kind, amount)"
            " VALUES (%s, (now() AT TIME ZONE 'UTC')::date, %s, 1)"
            " ON CONFLICT (mail_key, day, kind) DO UPDATE SET amount = old.amount + 1 WHERE old.amount < %s"
            " RETURNING day",
            [bytes(row.mail_key), row.kind, limit],
        )
        counted = cursor.fetchone()
    if counted:
        row.claimed_on = counted[0]
    return counted is not None
