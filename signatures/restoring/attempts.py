"""Spends again the attempts of addresses that have withdrawn, lowered or confirmed since a backup."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.journaling.entries import Entry, possible_marks
from signatures.models import Attempt, OutgoingMail
from signatures.models.choices import Source, TallyKind, Visibility

# What the statements of confirming, lowering and withdrawing note of an address: signing/confirming.py, changing.py.
SPENT = "address"
CONFIRMED = "confirmed"
STEP = 1_000
# Beyond this reach an attempt would raise what was confirmed.
ALL = -1
# By mark: each time, and how far an attempt of before may reach.
Spent = dict[str, list[tuple[datetime, int]]]


def apply_to_attempts(entries: Iterable[Entry]) -> int:
    """Delete the attempts by which an address would sign again after it left, or show more than it confirmed.

    Others stay, so that the links in mails work: whoever has confirmed since the backup can press the button once more.

    :returns: how many were deleted
    """
    spent: Spent = defaultdict(list)
    for entry in entries:
        if entry.about in (SPENT, CONFIRMED):
            reach = Visibility(entry.facts["visibility"]).reach if entry.about == CONFIRMED else ALL
            for mark in entry.facts["marks"]:
                spent[mark].append((entry.at, reach))
    if not spent:
        return 0
    gone: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(confirmed_at__isnull=True).order_by("pk").iterator(STEP):
        if any(
            attempt.created_at < at and attempt.chosen.reach > reach
            for mark in possible_marks(attempt.petition_id, attempt.email_keys or [])
            for at, reach in spent.get(mark, ())
        ):
            gone[attempt.petition_id].append(attempt)
    _delete_links(spent)
    return sum(_delete(petition_id, attempts) for petition_id, attempts in gone.items())


def _delete(petition_id: int, attempts: list[Attempt]) -> int:
    ids = [attempt.pk for attempt in attempts]
    amounts = Counter(
        Dimensions(Source.WEB, one.country or "", one.language or "", one.visibility or "") for one in attempts
    )
    OutgoingMail.objects.filter(attempt__in=ids).delete()
    Attempt.objects.filter(pk__in=ids).delete()
    write_tally(petition_id, [Event(TallyKind.EXPIRED, facts, amount=amount) for facts, amount in amounts.items()])
    return len(ids)


def _delete_links(spent: Spent) -> None:
    """Delete the mails with links of addresses that have left; in a backup there are none."""
    mails = OutgoingMail.objects.filter(email_keys__isnull=False, petition_id__isnull=False)
    gone = [
        mail.pk
        for mail in mails
        if any(
            mail.created_at < at and reach == ALL
            for mark in possible_marks(mail.petition_id or 0, mail.email_keys or [])
            for at, reach in spent.get(mark, ())
        )
    ]
    OutgoingMail.objects.filter(pk__in=gone).delete()
