"""Picks the mails that a worker sends next, drops those that are not wanted, and lets those over a limit wait."""

from __future__ import annotations

import secrets
from collections import Counter as Amounts
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from django.contrib.postgres.functions import TransactionNow
from django.db import connection, transaction

from signatures.mailing.envelopes import Envelope, open_envelope
from signatures.mailing.mail_counters import lock_amounts, store_amounts, take_back
from signatures.models import MailCount, OutgoingMail, Relay, Suppression
from signatures.models.choices import MailKind
from signatures.models.relay import RelayFault
from signatures.safeguarding.addresses import canonical_address
from signatures.safeguarding.keys import mail_keys
from signatures.safeguarding.mail_limits import Ask, Counter, counters_of
from signatures.safeguarding.mailboxes import registered_domain

BATCH_SIZE = 50
# Among so many are those picked by which to find out whether the mail server takes mails again.
PROBE_AMONG = 200
# A dead worker's mails come back after this; a living one gives the rest of its batch back earlier, and has sent the
# last mail that it began within a batch by then.
CLAIM_LIFETIME = timedelta(minutes=6)
# A limit of a day may stop a mail until two days later; a pause of the mail server, with its probe, takes minutes.
LONGEST_WAIT = timedelta(days=2)
LONGEST_WAIT_FOR_RELAY = timedelta(minutes=10)
# A claim that began before the window's end may still have its counters locked.
SURELY_OVER = timedelta(minutes=5)
LET_WAIT = """
UPDATE signatures_outgoingmail AS mail SET next_attempt_at = stopped.at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS stopped (id, at) WHERE mail.id = stopped.id
"""


@dataclass(frozen=True)
class Claim:
    """What became of the mails that were due.

    :param rows: to be sent by whoever claimed them
    :param dropped: not wanted by whoever they would have gone to; deleted with their addresses
    :param postponed: over a limit; they wait until its window is over
    """

    rows: Sequence[OutgoingMail]
    dropped: int = 0
    postponed: int = 0


@dataclass
class _Opened:
    row: OutgoingMail
    envelope: Envelope | None
    counters: list[Counter] = field(default_factory=list)
    is_quiet: bool = False

    @property
    def is_unwanted(self) -> bool:
        return self.is_quiet and self.row.kind == MailKind.CONFIRM

    @property
    def is_to_be_counted(self) -> bool:
        # One that was counted was claimed before, by a worker that died.
        return self.envelope is not None and not self.row.counted and not self.is_unwanted


def claim_batch(*, probe: int = 0) -> Claim:
    """Claim mails that are due, one at most among them of those at whose recipient the mail server fell silent.

    None takes another's place: what one visitor asks for neither replaces what another asked for nor has it dropped.
    What they are counted under is computed here and nowhere before, so that it is never written in one transaction with
    a key that counts people. One transaction; other workers pass over its rows.

    :param probe: how many to pick, not tried before and to different domains if there are such; 0 for a batch in turn
    """
    order = ["attempts_made"] * bool(probe) + ["next_attempt_at", "id"]
    with transaction.atomic():
        unlocked = OutgoingMail.objects.due().select_for_update(skip_locked=True)
        prompt = unlocked.exclude(fault=RelayFault.SILENT).order_by(*order)[: PROBE_AMONG if probe else BATCH_SIZE]
        # Each of these may take as long as a batch: none waits behind them. Any of them may find out that it is over.
        slow = unlocked.filter(fault=RelayFault.SILENT).order_by("attempts_made", "?")[:1]
        due = [*prompt, *slow]
        opened = [_Opened(row, _envelope_of(row)) for row in due]
        if probe:
            opened = _spread(opened)[:probe]
        if opened:
            _look_up(opened, _now())
        unwanted = [mail.row.pk for mail in opened if mail.is_unwanted]
        stopped = _count([mail for mail in opened if mail.is_to_be_counted])
        kept = [mail.row for mail in opened if mail.row.pk not in stopped and mail.row.pk not in unwanted]
        OutgoingMail.objects.filter(pk__in=unwanted).delete()
        if stopped:
            with connection.cursor() as cursor:
                cursor.execute(LET_WAIT, [list(stopped), list(stopped.values())])
        claimed_until = _now() + CLAIM_LIFETIME
        OutgoingMail.objects.filter(pk__in=[row.pk for row in kept]).update(counted=True, claimed_until=claimed_until)
        for row in kept:
            row.claimed_until = claimed_until
    return Claim(kept, dropped=len(unwanted), postponed=len(stopped))


def give_back(rows: Sequence[OutgoingMail]) -> set[int]:
    """Let workers claim again what was not sent, and take it out of what was counted.

    A mail that has not left must not keep a later one to the same address from being sent. One that was claimed by a
    worker that died stays counted, since it may have left. What another worker has claimed since is left alone. Returns
    the keys of the rows that were given back.

    """
    with transaction.atomic():
        mine = _still_claimed(rows)
        uncounted = [row for row in rows if not row.counted and row.pk in mine]
        OutgoingMail.objects.filter(pk__in=[row.pk for row in uncounted]).update(counted=False)
        OutgoingMail.objects.filter(pk__in=mine).update(claimed_until=None)
        take_back(Amounts(key for row in uncounted for key in row.counted_under))
    return mine


def _still_claimed(rows: Sequence[OutgoingMail]) -> set[int]:
    """Return the keys of those that nobody has claimed anew since they were claimed for this batch, and lock them."""
    claims = {(row.pk, row.claimed_until) for row in rows}
    locked = OutgoingMail.objects.select_for_update(no_key=True).filter(pk__in=[row.pk for row in rows]).order_by("pk")
    return {pk for pk, until in locked.values_list("pk", "claimed_until") if (pk, until) in claims}


def delete_old_counts() -> int:
    """Delete the mail counts of windows that are over, and return how many."""
    return MailCount.objects.filter(ends_at__lte=TransactionNow() - SURELY_OVER).delete()[0]


def undo_far_future() -> None:
    """Let mails, and the mail server, be tried that wait for longer than anything waits here.

    The clock was ahead when they were made to wait, and was set right since.
    """
    mails = OutgoingMail.objects.all()
    mails.filter(next_attempt_at__gt=TransactionNow() + LONGEST_WAIT).update(next_attempt_at=TransactionNow())
    mails.filter(claimed_until__gt=TransactionNow() + CLAIM_LIFETIME).update(claimed_until=None)
    mails.filter(created_at__gt=TransactionNow()).update(created_at=TransactionNow())
    Relay.objects.filter(retry_at__gt=TransactionNow() + LONGEST_WAIT_FOR_RELAY).update(retry_at=TransactionNow())
    Relay.objects.filter(taken_at__gt=TransactionNow()).update(taken_at=TransactionNow())


def _envelope_of(row: OutgoingMail) -> Envelope | None:
    try:
        return open_envelope(row.address_encrypted)
    except InvalidToken:
        # Its key may come back: sending says so, and lets the mail wait.
        return None


def _spread(opened: Sequence[_Opened]) -> list[_Opened]:
    """Return those first that were not tried yet, and among them one to each domain before a second to any."""
    seen: Amounts[tuple[bool, str]] = Amounts()
    ranks = []
    for position, mail in enumerate(opened):
        # Names below the same one are one owner's, and can be made up.
        domain = registered_domain(mail.envelope.address.rpartition("@")[2].lower()) if mail.envelope else ""
        place = (mail.row.attempts_made > 0, domain)
        ranks.append((place[0], seen[place], position))
        seen[place] += 1
    return [opened[position] for _tried, _count, position in sorted(ranks)]


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: datetime = cursor.fetchone()[0]
        return now


def _look_up(opened: Sequence[_Opened], at: datetime) -> None:
    """Find out whose owner wants no mails, and what each mail is counted under at an instant."""
    keys = {id(mail): mail_keys(canonical_address(mail.envelope.address)) for mail in opened if mail.envelope}
    wanted_none = Suppression.objects.filter(mail_key__in={key for found in keys.values() for key in found})
    quiet = {bytes(key) for key in wanted_none.values_list("mail_key", flat=True)}
    for mail in opened:
        if mail.envelope is not None:
            mail.is_quiet = not quiet.isdisjoint(keys[id(mail)])
            ask = Ask(mail.row.kind, mail.row.petition_id, mail.envelope.address, mail.envelope.sender)
            mail.counters = counters_of(ask, at=at, is_quiet=mail.is_quiet)


def _count(opened: Sequence[_Opened]) -> dict[int, datetime]:
    """Count the mails that no limit stops, and return when each of the others is to be tried again."""
    amounts = lock_amounts(counter for mail in opened for counter in mail.counters)
    stopped = {}
    for mail in opened:
        full = [counter for counter in mail.counters if amounts[counter.key] >= counter.limit]
        if full:
            chance = secrets.SystemRandom().random()
            stopped[mail.row.pk] = max(counter.next_try(chance) for counter in full)
            continue
        mail.row.counted_under = [counter.key for counter in mail.counters]
        amounts.update({key: amounts[key] + 1 for key in mail.row.counted_under})
    store_amounts(amounts)
    return stopped
