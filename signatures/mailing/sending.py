"""Processes the outbox: claim, commit, send, delete."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.db.models import F

from signatures.mailing.alert_wishes import note_refused
from signatures.mailing.claiming import claim_batch, give_back
from signatures.mailing.envelopes import open_envelope
from signatures.mailing.news_wishes import forget_refused
from signatures.mailing.outcomes import count_results
from signatures.mailing.relaying import Watch, note_abilities, note_way_in, watch_relay
from signatures.mailing.rendering import render_mail
from signatures.mailing.replies import Concern, RefusedError, Stage
from signatures.mailing.transports import Transport
from signatures.models import OutgoingMail
from signatures.models.operating import MailResult
from signatures.models.relay import RelayFault

logger = logging.getLogger(__name__)

# Well within the lifetime of a claim.
BATCH_SECONDS_MAX = 60.0
GIVE_UP_AFTER = timedelta(hours=48)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=2)
# For a mail refused for what may be our fault, which the operator may be correcting.
LONGEST_RETRY_OF_OURS = timedelta(minutes=15)
# For a mail that was transferred completely without a reply: it may arrive twice, but not often.
AFTER_SILENCE = timedelta(minutes=30)
# Unclear refusals, each followed by other accepted mails, after which the next one is believed.
DOUBTS_MAX = 2


@dataclass
class Outcome:
    """How many mails of a batch were sent, dropped and postponed.

    :param sent: accepted by the mail server
    :param dropped: deleted, because unwanted or permanently refused by the mailbox
    :param postponed: over a limit, or to be retried
    :param unwanted: those dropped whose recipients want none
    :param limited: those postponed by a limit
    """

    sent: int = 0
    dropped: int = 0
    postponed: int = 0
    unwanted: int = field(default=0, compare=False)
    limited: int = field(default=0, compare=False)

    @property
    def handled(self) -> int:
        """Return how many mails were processed."""
        return self.sent + self.dropped + self.postponed


def send_batch(transport: Transport, *, should_stop: Callable[[], bool] = lambda: False) -> Outcome:
    """Send a batch of due mails, unless the queue is paused.

    :param should_stop: called before each mail; if true, the claims on the rest of the batch are released
    """
    watch = watch_relay()
    if watch is None:
        return Outcome()
    claim = claim_batch(probe=watch.probe_size)
    outcome = Outcome(dropped=claim.dropped, postponed=claim.postponed, unwanted=claim.dropped, limited=claim.postponed)
    deadline = time.monotonic() + BATCH_SECONDS_MAX
    for position, row in enumerate(claim.rows):
        if should_stop() or watch.is_paused or time.monotonic() > deadline:
            give_back(claim.rows[position:])
            break
        send_one(row, transport, watch, outcome)
    count_results(
        {
            MailResult.SENT: outcome.sent,
            MailResult.UNWANTED: outcome.unwanted,
            MailResult.UNDELIVERABLE: outcome.dropped - outcome.unwanted,
            MailResult.LIMITED: outcome.limited,
            MailResult.RETRIED: outcome.postponed - outcome.limited,
        }
    )
    watch.end_probe()
    note_abilities(watch.row, speaks_utf8=transport.speaks_utf8)
    return outcome


def send_one(row: OutgoingMail, transport: Transport, watch: Watch, outcome: Outcome) -> None:
    """Send a claimed mail and delete its row, or postpone it."""
    try:
        message = render_mail(row)
        address = str(message["To"])
        if watch.is_silent_about(address):
            postpone(row, longest=LONGEST_RETRY_OF_OURS, fault=RelayFault.SILENT)
            outcome.postponed += 1
            return
        transport.send(message)
    except RefusedError as refusal:
        _settle(row, address, refusal, watch, outcome)
    except Exception as error:  # noqa: BLE001
        # A mail that cannot be rendered, say because a key is missing, must not stop all others.
        logger.error("A mail could not be made (%s).", type(error).__name__)  # noqa: TRY400 - a trace may hold an address
        postpone(row)
        outcome.postponed += 1
    else:
        row.delete()
        watch.took(address, was_silent=row.fault == RelayFault.SILENT)
        outcome.sent += 1


def _settle(row: OutgoingMail, address: str, refusal: RefusedError, watch: Watch, outcome: Outcome) -> None:
    """Delete a mail that its mailbox will never accept; keep one refused temporarily, or perhaps because of us."""
    verdict = refusal.verdict
    kind = verdict.fault or verdict.concern
    logger.warning("The mail server refused a mail at %s: %s (%d).", verdict.stage.name, kind, refusal.code)
    is_believed = verdict.concern == Concern.MAILBOX and watch.is_believed(address)
    if verdict.concern not in {Concern.MAILBOX_NOW, Concern.NOW}:
        watch.refused(verdict, address, again=bool(row.fault))
    if is_believed:
        _delete_refused(row)
        watch.lost(address)
        outcome.dropped += 1
    elif verdict.concern in {Concern.MAILBOX, Concern.UNCLEAR}:
        _doubt(row, watch, outcome)
    elif not verdict.stage.names_recipient:
        # The server has not heard of this mail's recipient, so the refusal does not count against the mail.
        give_back([row])
        outcome.postponed += 1
    elif verdict.concern == Concern.US:
        may_be_accepted = verdict.stage == Stage.END and not refusal.code
        at_least = AFTER_SILENCE if may_be_accepted else timedelta()
        postpone(row, longest=LONGEST_RETRY_OF_OURS, at_least=at_least, fault=verdict.fault or "")
        outcome.postponed += 1
    else:
        postpone(row, fault="")
        outcome.postponed += 1


def _doubt(row: OutgoingMail, watch: Watch, outcome: Outcome) -> None:
    """Delete a mail at its third unclear refusal, if the server accepted other mails after each of the first two."""
    doubts = row.doubts
    if row.doubted_at is not None and watch.has_taken_since(row.doubted_at):
        doubts += 1
    if doubts >= DOUBTS_MAX:
        _delete_refused(row)
        outcome.dropped += 1
        return
    postpone(
        row,
        longest=LONGEST_RETRY_OF_OURS,
        fault=RelayFault.UNCLEAR,
        doubts=doubts,
        doubted_at=TransactionNow(),
    )
    outcome.postponed += 1


def _delete_refused(row: OutgoingMail) -> None:
    """Delete a mail that its mailbox will never accept; no other is sent to an organiser's address or with news."""
    with transaction.atomic():
        if row.wish_id is not None:
            note_refused(row.wish_id, open_envelope(row.address_encrypted).address)
        if row.subscriber_id is not None:
            forget_refused(row.subscriber_id)
        row.delete()


def postpone(
    row: OutgoingMail, *, longest: timedelta = LONGEST_RETRY, at_least: timedelta = timedelta(), **changes: Any
) -> None:
    """Release a mail's claim and schedule the next attempt, with exponential backoff.

    :param longest: maximum wait between two attempts
    :param at_least: minimum wait, even if it exceeds ``longest``
    :param changes: values for further columns
    """
    wait = max(min(FIRST_RETRY * 2**row.attempts_made, longest), at_least)
    with transaction.atomic():
        OutgoingMail.objects.filter(pk__in=give_back([row])).update(
            attempts_made=F("attempts_made") + 1, next_attempt_at=TransactionNow() + wait, **changes
        )


def greet(transport: Transport) -> None:
    """Connect without a mail, and record whether the mail server lets us in and what it supports."""
    watch = watch_relay(for_mails=False)
    if watch is None:
        return
    try:
        transport.greet()
    except RefusedError as refusal:
        watch.refused(refusal.verdict)
    else:
        note_way_in(watch.row)
    note_abilities(watch.row, speaks_utf8=transport.speaks_utf8)


def delete_given_up() -> int:
    """Delete the mails that could not be sent within 48 hours, with their addresses, and return how many."""
    with transaction.atomic():
        amount = OutgoingMail.objects.filter(created_at__lte=TransactionNow() - GIVE_UP_AFTER).delete()[0]
        count_results({MailResult.GIVEN_UP: amount})
    return amount
