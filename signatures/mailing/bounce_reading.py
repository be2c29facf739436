"""Works through the mailbox of bounces: read, count, commit, delete."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import connection, transaction

from signatures.mailing.bounce_mailbox import MAILBOX_ERRORS, Mailbox, opened, place_of
from signatures.mailing.bounces import ReaderMissingError, count_bounces, read_bounce
from signatures.models import BounceMailbox

logger = logging.getLogger(__name__)

BOUNCES_LOCK = 7_301_003
# Mails wait meanwhile; the rest is read when the worker comes round again.
LOOK_SECONDS_MAX = 5.0
BATCH_SIZE = 20
# A mailbox that cannot be read may have taken all its time to say so.
AFTER_FAILURE_SECONDS = 300.0


class BounceReader:
    """Looks into the mailbox as often as the worker asks, and less often while it cannot be read."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self.not_before = 0.0

    def look(self) -> int:
        """Count and delete what has come back, and return how many mails; one worker does so at a time."""
        if not settings.BOUNCE_URL or time.monotonic() < self.not_before:
            return 0
        with _alone() as is_alone:
            if not is_alone:
                return 0
            try:
                return _look()
            except (*MAILBOX_ERRORS, ReaderMissingError) as error:
                # Its message may quote what a server says, and so an address.
                logger.warning("The mailbox of bounces could not be read (%s).", type(error).__name__)
                self.not_before = time.monotonic() + AFTER_FAILURE_SECONDS
                return 0


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold a lock of the session and say whether it could be had; it goes with a worker that is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [BOUNCES_LOCK])
        is_alone: bool = cursor.fetchone()[0]
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [BOUNCES_LOCK])


def _look() -> int:
    place = place_of(settings.BOUNCE_URL)
    state, _ = BounceMailbox.objects.get_or_create(place=place.digest)
    deadline = time.monotonic() + LOOK_SECONDS_MAX
    with opened(place) as mailbox:
        if state.validity != mailbox.validity:
            state.validity, state.counted_up_to = mailbox.validity, 0
        numbers = mailbox.numbers()
        handled = 0
        while handled < len(numbers) and time.monotonic() < deadline:
            handled += _handle(mailbox, state, numbers[handled : handled + BATCH_SIZE], deadline)
        BounceMailbox.objects.filter(pk=state.pk).update(
            strangers=max(mailbox.amount - len(numbers), 0), read_at=TransactionNow()
        )
    return handled


def _handle(mailbox: Mailbox, state: BounceMailbox, numbers: list[int], deadline: float) -> int:
    """Count a batch and note up to where in one transaction, then delete it; return how many mails.

    A worker that is killed in between leaves mails whose numbers tell that they were counted.

    :param deadline: when to leave the rest of the batch for later
    """
    bounces, seen = [], 0
    for number in numbers:
        if number > state.counted_up_to:
            bounces.append(read_bounce(mailbox.fetch(number)))
        seen += 1
        if time.monotonic() > deadline:
            break
    if bounces:
        state.counted_up_to = numbers[seen - 1]
        with transaction.atomic():
            with connection.cursor() as cursor:
                # Counted must be on the disk before the mail is not: the worker does not wait for the disk otherwise.
                cursor.execute("SET LOCAL synchronous_commit TO on")
            count_bounces(bounces)
            state.save(update_fields=["validity", "counted_up_to"])
    mailbox.delete(numbers[:seen])
    return seen
