"""Works through the outbox: claim, commit, send, delete."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.db.models import F

from signatures.mailing.claiming import claim_batch, give_back
from signatures.mailing.rendering import render_mail
from signatures.mailing.transports import NotNowError, RefusedForGoodError, Transport
from signatures.models import OutgoingMail

logger = logging.getLogger(__name__)

# Well within the lifetime of a claim.
BATCH_SECONDS_MAX = 60.0
GIVE_UP_AFTER = timedelta(hours=48)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=2)


@dataclass
class Outcome:
    """What became of a batch.

    :param sent: taken by the mail server
    :param dropped: not wanted, or refused for good
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
    """Send the mails that are due.

    :param should_stop: asked before each mail; the rest of the batch is then given back
    """
    claim = claim_batch()
    outcome = Outcome(dropped=claim.dropped, postponed=claim.postponed)
    deadline = time.monotonic() + BATCH_SECONDS_MAX
    for position, row in enumerate(claim.rows):
        if should_stop() or time.monotonic() > deadline:
            give_back(claim.rows[position:])
            break
        send_one(row, transport, outcome)
    return outcome


def send_one(row: OutgoingMail, transport: Transport, outcome: Outcome) -> None:
    """Send a claimed mail and delete its row, or keep the row for later."""
    try:
        transport.send(render_mail(row))
    except RefusedForGoodError:
        logger.warning("A mail was refused for good (%s).", row.kind)
        row.delete()
        outcome.dropped += 1
    except NotNowError as error:
        logger.warning("A mail could not be sent now (%s).", type(error.__cause__).__name__)
        postpone(row)
        outcome.postponed += 1
    except Exception as error:  # noqa: BLE001
        # A mail that cannot even be made, say for want of a key, must not stop all the others.
        logger.error("A mail could not be made (%s).", type(error).__name__)  # noqa: TRY400 - a trace may hold an address
        postpone(row)
        outcome.postponed += 1
    else:
        row.delete()
        outcome.sent += 1


def postpone(row: OutgoingMail) -> None:
    """Give a mail back for a later attempt, each wait twice as long as the one before."""
    wait = min(FIRST_RETRY * 2**row.attempts_made, LONGEST_RETRY)
    with transaction.atomic():
        give_back([row])
        OutgoingMail.objects.filter(pk=row.pk).update(
            attempts_made=F("attempts_made") + 1, next_attempt_at=TransactionNow() + wait
        )


def delete_given_up() -> int:
    """Delete the mails that could not be sent for 48 hours, with their addresses, and return how many."""
    return OutgoingMail.objects.filter(created_at__lte=TransactionNow() - GIVE_UP_AFTER).delete()[0]
