"""Claims the mails that a worker sends next, drops unwanted ones, and postpones those over a limit."""

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
from signatures.models import AlertNews, MailCount, OutgoingMail, Relay, Suppression, Update
from signatures.models.choices import MailKind
from signatures.models.mail import TO_ORGANISERS
from signatures.models.relay import RelayFault
from signatures.safeguarding.addresses import canonical_address
from signatures.safeguarding.keys import mail_keys
from signatures.safeguarding.mail_limits import Ask, Counter, counters_of
from signatures.safeguarding.mailboxes import registered_domain

BATCH_SIZE = 50
# Mails to organisers have a share of their own in each batch, after those to signers; the first that has waited for
# this long goes before them, since a batch of slow mails may end before its last ones.
TO_ORGANISERS_AT_ONCE = 5
ORGANISERS_WAIT = timedelta(minutes=5)
# News come last and a few at a time, so that a mailing to thousands keeps nobody from confirming.
NEWS_AT_ONCE = 10
# Mails that nobody asked for at this moment are dropped where the recipient wants none.
UNWANTED = {MailKind.CONFIRM, MailKind.ALERT_CHECK, MailKind.NEWS_CHECK, MailKind.NEWS}
# The mails that probe whether the mail server accepts mails again are chosen from this many.
PROBE_AMONG = 200
# After this time a dead worker's mails can be claimed again. A live one releases the rest of its batch earlier, and has
# finished sending its last mail by then.
CLAIM_LIFETIME = timedelta(minutes=6)
# A daily limit may postpone a mail by up to two days; a pause for the mail server, with its probe, takes minutes.
LONGEST_WAIT = timedelta(days=2)
LONGEST_WAIT_FOR_RELAY = timedelta(minutes=10)
# A claim that began before the end of a window may still hold locks on its counters.
SURELY_OVER = timedelta(minutes=5)
LET_WAIT = """
UPDATE signatures_outgoingmail AS mail SET next_attempt_at = stopped.at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS stopped (id, at) WHERE mail.id = stopped.id
"""


@dataclass(frozen=True)
class Claim:
    """The result of claiming due mails.

    :param rows: to be sent by the caller
    :param dropped: number of mails deleted, with their addresses, because their recipients want none
    :param postponed: number of mails over a limit, postponed until its window ends
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
    # Whether an alert has lost its news, by the purge of a petition, or readers do not see the news any more.
    is_empty: bool = False

    @property
    def is_unwanted(self) -> bool:
        return self.is_empty or (self.is_quiet and self.row.kind in UNWANTED)

    @property
    def is_to_be_counted(self) -> bool:
        # A mail that is already counted was claimed before, by a worker that died.
        return self.envelope is not None and not self.row.counted and not self.is_unwanted


def claim_batch(*, probe: int = 0) -> Claim:
    """Claim due mails, among them at most one at whose recipient the mail server fell silent before.

    No mail displaces another: one visitor's request neither replaces nor drops another's. The keys that mails are
    counted under are computed here and not earlier, so that they are never written in one transaction with a key that
    counts people. Runs in one transaction; other workers skip its rows.

    :param probe: how many to pick, preferably untried ones to different domains; 0 for a normal batch
    """
    order = ["attempts_made"] * bool(probe) + ["next_attempt_at", "id"]
    with transaction.atomic():
        unlocked = OutgoingMail.objects.due().select_for_update(skip_locked=True)
        prompt = unlocked.exclude(fault=RelayFault.SILENT).order_by(*order)
        to_signers = prompt.to_signers()[: PROBE_AMONG if probe else BATCH_SIZE]
        of_news = list(prompt.of_news()[: PROBE_AMONG if probe else NEWS_AT_ONCE])
        to_organisers = list(prompt.to_organisers()[:TO_ORGANISERS_AT_ONCE])
        # Each of these may take as long as a whole batch, so they go last, one per batch. Any of them can show that
        # the server responds again.
        slow = unlocked.filter(fault=RelayFault.SILENT).order_by("attempts_made", "?")[:1]
        first = _waiting_long(to_organisers)
        due = [*first, *to_signers, *(row for row in to_organisers if row not in first), *of_news, *slow]
        opened = [_Opened(row, _envelope_of(row)) for row in due]
        if probe:
            opened = (_spread(opened, to_organisers=False) + _spread(opened, to_organisers=True))[:probe]
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
    """Release the claims on mails that were not sent, subtract them from their counters, and return their keys.

    A mail that was not sent must not stop a later one to the same address. One that was claimed before, by a worker
    that died, stays counted, since it may have been sent. Rows that another worker has claimed since are left alone.
    """
    with transaction.atomic():
        mine = _still_claimed(rows)
        uncounted = [row for row in rows if not row.counted and row.pk in mine]
        OutgoingMail.objects.filter(pk__in=[row.pk for row in uncounted]).update(counted=False)
        OutgoingMail.objects.filter(pk__in=mine).update(claimed_until=None)
        take_back(Amounts(key for row in uncounted for key in row.counted_under))
    return mine


def _still_claimed(rows: Sequence[OutgoingMail]) -> set[int]:
    """Lock the rows whose claim is still that of this batch, and return their keys."""
    claims = {(row.pk, row.claimed_until) for row in rows}
    locked = OutgoingMail.objects.select_for_update(no_key=True).filter(pk__in=[row.pk for row in rows]).order_by("pk")
    return {pk for pk, until in locked.values_list("pk", "claimed_until") if (pk, until) in claims}


def delete_old_counts() -> int:
    """Delete the counters of windows that are over, and return how many."""
    return MailCount.objects.filter(ends_at__lte=TransactionNow() - SURELY_OVER).delete()[0]


def undo_far_future() -> None:
    """Reset every wait of mails and of the mail server that is longer than any wait set here.

    Such a wait was set while the clock was ahead; the clock was corrected since.
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
        # The key may be restored: sending logs the error and postpones the mail.
        return None


def _waiting_long(to_organisers: Sequence[OutgoingMail]) -> list[OutgoingMail]:
    """Return the first mail to an organiser if it has waited for long, else nothing."""
    return list(to_organisers[:1]) if to_organisers and to_organisers[0].created_at < _now() - ORGANISERS_WAIT else []


def _spread(mails: Sequence[_Opened], *, to_organisers: bool) -> list[_Opened]:
    """Order mails: untried ones first, and among them one per domain before a second to any domain."""
    opened = [mail for mail in mails if (mail.row.kind in TO_ORGANISERS) == to_organisers]
    seen: Amounts[tuple[bool, str]] = Amounts()
    ranks = []
    for position, mail in enumerate(opened):
        # Subdomains have the same owner and can be made up at will.
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
    """Look up which recipients want no mails and which alerts tell nothing, and set each mail's counters."""
    keys = {id(mail): mail_keys(canonical_address(mail.envelope.address)) for mail in opened if mail.envelope}
    wanted_none = Suppression.objects.filter(mail_key__in={key for found in keys.values() for key in found})
    quiet = {bytes(key) for key in wanted_none.values_list("mail_key", flat=True)}
    alerts = [mail.row.message_id for mail in opened if mail.row.kind == MailKind.ALERT]
    told = set(AlertNews.objects.filter(mail__in=alerts).values_list("mail", flat=True)) if alerts else set()
    items = {mail.row.update_id for mail in opened if mail.row.update_id is not None}
    mailed = Update.objects.filter(pk__in=items, petition__news_by_mail=True).published().values_list("pk", flat=True)
    seen = set(mailed) if items else set()
    for mail in opened:
        mail.is_empty = (mail.row.kind == MailKind.ALERT and mail.row.message_id not in told) or (
            mail.row.update_id is not None and mail.row.update_id not in seen
        )
        if mail.envelope is not None:
            mail.is_quiet = not quiet.isdisjoint(keys[id(mail)])
            ask = Ask(mail.row.kind, mail.row.petition_id, mail.envelope.address, mail.envelope.sender)
            mail.counters = counters_of(ask, at=at, is_quiet=mail.is_quiet)


def _count(opened: Sequence[_Opened]) -> dict[int, datetime]:
    """Count the mails that no limit stops, and return by row key when to try each of the others again."""
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
