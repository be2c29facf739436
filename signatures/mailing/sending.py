"""Works through the outbox: claim, commit, send, delete."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.db.models import F

from signatures.mailing.claiming import claim_batch, give_back
from signatures.mailing.relaying import Watch, note_abilities, note_way_in, watch_relay
from signatures.mailing.rendering import render_mail
from signatures.mailing.replies import Concern, RefusedError, Stage
from signatures.mailing.transports import Transport
from signatures.models import OutgoingMail
from signatures.models.relay import RelayFault

logger = logging.getLogger(__name__)

# Well within the lifetime of a claim.
BATCH_SECONDS_MAX = 60.0
GIVE_UP_AFTER = timedelta(hours=48)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=2)
# Of a mail that was refused for what may be our fault, and that somebody is mending.
LONGEST_RETRY_OF_OURS = timedelta(minutes=15)
# Of a mail that the server has, and of which it has not said whether it takes it: it may come twice, not often.
AFTER_SILENCE = timedelta(minutes=30)
# Unclear refusals, each followed by other mails being taken, after which the next one is believed.
DOUBTS_MAX = 2


@dataclass
class Outcome:
    """What became of a batch.

    :param sent: taken by the mail server
    :param dropped: not wanted, or never to be taken by its mailbox
    :param postponed: over a limit, or to be tried again
    """

    sent: int = 0
    dropped: int = 0
    postponed: int = 0

    @property
    def handled(self) -> int:
        """Return how many mails there were."""
        return self.sent + self.dropped + self.postponed


def send_batch(transport: Transport, *, should_stop: Callable[[], bool] = lambda: False) -> Outcome:
    """Send the mails that are due, unless the mail server refuses us for the moment.

    :param should_stop: asked before each mail; the rest of the batch is then given back
    """
    watch = watch_relay()
    if watch is None:
        return Outcome()
    claim = claim_batch(probe=watch.probe_size)
    outcome = Outcome(dropped=claim.dropped, postponed=claim.postponed)
    deadline = time.monotonic() + BATCH_SECONDS_MAX
    for position, row in enumerate(claim.rows):
        if should_stop() or watch.is_paused or time.monotonic() > deadline:
            give_back(claim.rows[position:])
            break
        send_one(row, transport, watch, outcome)
    watch.end_probe()
    note_abilities(watch.row, speaks_utf8=transport.speaks_utf8)
    return outcome


def send_one(row: OutgoingMail, transport: Transport, watch: Watch, outcome: Outcome) -> None:
    """Send a claimed mail and delete its row, or keep the row for later."""
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
        # A mail that cannot even be made, say for want of a key, must not stop all the others.
        logger.error("A mail could not be made (%s).", type(error).__name__)  # noqa: TRY400 - a trace may hold an address
        postpone(row)
        outcome.postponed += 1
    else:
        row.delete()
        watch.took(address, was_silent=row.fault == RelayFault.SILENT)
        outcome.sent += 1


def _settle(row: OutgoingMail, address: str, refusal: RefusedError, watch: Watch, outcome: Outcome) -> None:
    """Delete a mail that its mailbox will never take, and keep any that another time, or we, may be the matter with."""
    verdict = refusal.verdict
    kind = verdict.fault or verdict.concern
    logger.warning("The mail server refused a mail at %s: %s (%d).", verdict.stage.name, kind, refusal.code)
    is_believed = verdict.concern == Concern.MAILBOX and watch.is_believed(address)
    if verdict.concern not in {Concern.MAILBOX_NOW, Concern.NOW}:
        watch.refused(verdict, address, again=bool(row.fault))
    if is_believed:
        row.delete()
        watch.lost(address)
        outcome.dropped += 1
    elif verdict.concern in {Concern.MAILBOX, Concern.UNCLEAR}:
        _doubt(row, watch, outcome)
    elif not verdict.stage.names_recipient:
        # It has not even heard of this mail's recipient.
        give_back([row])
        outcome.postponed += 1
    elif verdict.concern == Concern.US:
        may_be_taken = verdict.stage == Stage.END and not refusal.code
        at_least = AFTER_SILENCE if may_be_taken else timedelta()
        postpone(row, longest=LONGEST_RETRY_OF_OURS, at_least=at_least, fault=verdict.fault or "")
        outcome.postponed += 1
    else:
        postpone(row, fault="")
        outcome.postponed += 1


def _doubt(row: OutgoingMail, watch: Watch, outcome: Outcome) -> None:
    """Believe an unclear refusal the third time, if the server has taken other mails after each of the two before."""
    doubts = row.doubts
    if row.doubted_at is not None and watch.has_taken_since(row.doubted_at):
        doubts += 1
    if doubts >= DOUBTS_MAX:
        row.delete()
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


def postpone(
    row: OutgoingMail, *, longest: timedelta = LONGEST_RETRY, at_least: timedelta = timedelta(), **changes: Any
) -> None:
    """Give a mail back for a later attempt, each wait twice as long as the one before.

    :param longest: wait between two attempts
    :param at_least: how long to wait all the same
    :param changes: of further columns
    """
    wait = max(min(FIRST_RETRY * 2**row.attempts_made, longest), at_least)
    with transaction.atomic():
        OutgoingMail.objects.filter(pk__in=give_back([row])).update(
            attempts_made=F("attempts_made") + 1, next_attempt_at=TransactionNow() + wait, **changes
        )


def greet(transport: Transport) -> None:
    """Find out whether the mail server lets us in, and what it can do, while no mail waits."""
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
    """Delete the mails that could not be sent for 48 hours, with their addresses, and return how many."""
    return OutgoingMail.objects.filter(created_at__lte=TransactionNow() - GIVE_UP_AFTER).delete()[0]
