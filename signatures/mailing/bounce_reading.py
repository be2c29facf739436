"""Works through the mailbox of bounces: read, count, commit, delete."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import connection, transaction

from signatures.mailing.bounce_mailbox import MAILBOX_ERRORS, Mailbox, opened, place_of
from signatures.mailing.bounces import UNCLEAR, Bounce, ReaderMissingError, count_bounces, read_bounce
from signatures.models import BounceMailbox

logger = logging.getLogger(__name__)

BOUNCES_LOCK = 7_301_003
# Mails to signers wait meanwhile; the rest is read when the worker comes round again.
LOOK_SECONDS_MAX = 5.0
BATCH_SIZE = 20
# So many mails are read, the newest; of more only the recipients are looked at, and what is ours is deleted unread.
# Whoever sends a hundred thousand shall not have the bounces wait for days that come after them.
READ_MAX = 1000
CLEAR_SECONDS_MAX = 10.0
CLEAR_BATCH_SIZE = 500
# A mailbox that cannot be read may have taken all its time to say so.
AFTER_FAILURE_SECONDS = 300.0
# Some servers hang up at a mail that they cannot give; after so many visits it is left where it is.
TRIES_PER_MAIL = 3


class BounceReader:
    """Looks into the mailbox as often as the worker asks, and less often while it cannot be read."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self.not_before = 0.0
        self.batch_size_max = CLEAR_BATCH_SIZE
        self.failures: Counter[tuple[int, int]] = Counter()

    def look(self) -> int:
        """Count and delete what has come back, and return how many mails; one worker does so at a time."""
        if not settings.BOUNCE_URL or time.monotonic() < self.not_before:
            return 0
        with _alone() as is_alone:
            if not is_alone:
                return 0
            try:
                handled = self._look()
            except (*MAILBOX_ERRORS, ReaderMissingError) as error:
                # Its message may quote what a server says, and so an address.
                logger.warning("The mailbox of bounces could not be read (%s).", type(error).__name__)
                self.not_before = time.monotonic() + AFTER_FAILURE_SECONDS
                return 0
            self.batch_size_max = CLEAR_BATCH_SIZE
            return handled

    def _look(self) -> int:
        place = place_of(settings.BOUNCE_URL)
        state, _ = BounceMailbox.objects.get_or_create(place=place.digest)
        with opened(place) as mailbox:
            if state.uidvalidity != mailbox.uidvalidity:
                state.uidvalidity, state.last_uid, state.last_cleared_uid = mailbox.uidvalidity, 0, 0
            uids = mailbox.new(state.last_cleared_uid)
            visit = _Visit(mailbox, state)
            surplus = uids[:-READ_MAX]
            self._work_through(visit, surplus, CLEAR_BATCH_SIZE, visit.clear, CLEAR_SECONDS_MAX)
            if visit.looked_at == len(surplus):
                self._work_through(visit, uids[-READ_MAX:], BATCH_SIZE, visit.read, LOOK_SECONDS_MAX)
        visit.end(waiting=len(uids) - visit.looked_at)
        return visit.deleted

    def _work_through(
        self,
        visit: _Visit,
        uids: Sequence[int],
        size: int,
        handle: Callable[[Sequence[int], float], int],
        seconds: float,
    ) -> None:
        """Handle mails batch by batch until the time is over."""
        deadline = time.monotonic() + seconds
        size = min(size, self.batch_size_max)
        begin = 0
        while begin < len(uids) and time.monotonic() < deadline:
            batch = uids[begin : begin + size]
            place = visit.state.uidvalidity, batch[0]
            if len(batch) == 1 and self.failures[place] >= TRIES_PER_MAIL:
                begin += visit.pass_over(batch[0])
                continue
            try:
                begin += handle(batch, deadline)
            except MAILBOX_ERRORS:
                # The next visit finds out by which of them.
                self.batch_size_max = 1
                self.failures[place] += len(batch) == 1
                raise


class _Visit:
    """What is done in an open mailbox; a mail is counted, then deleted, and how far either has come is stored."""

    def __init__(self, mailbox: Mailbox, state: BounceMailbox) -> None:
        self.mailbox, self.state = mailbox, state
        self.looked_at = 0
        self.deleted = 0

    def read(self, uids: Sequence[int], deadline: float) -> int:
        """Count and delete those of some mails that are ours, and return at how many were looked.

        :param deadline: when to leave the rest for later
        """
        ours = self.mailbox.addressed(uids)
        bounces, seen = [], 0
        for uid in uids:
            if uid in ours and uid > self.state.last_uid:
                bounces.append(read_bounce(self.mailbox.fetch(uid)))
            seen += 1
            if time.monotonic() > deadline:
                break
        return self._finish(uids[:seen], ours, bounces)

    def clear(self, uids: Sequence[int], deadline: float) -> int:
        """Count as unclear and delete, unread, those of some mails that are ours; return at how many were looked."""
        ours = self.mailbox.addressed(uids)
        return self._finish(uids, ours, [UNCLEAR] * sum(uid > self.state.last_uid for uid in ours))

    def pass_over(self, uid: int) -> int:
        """Leave a mail where it is, and return that it was one."""
        return self._finish([uid], set(), [])

    def end(self, waiting: int) -> None:
        """Note how far the visit has come.

        :param waiting: how many mails are left for the next one
        """
        self.state.waiting = waiting
        fields = ["uidvalidity", "last_uid", "last_cleared_uid", "waiting"]
        if not waiting:
            self.state.strangers = max(self.mailbox.amount - self.deleted, 0)
            self.state.read_at = TransactionNow()
            fields += ["strangers", "read_at"]
        self.state.save(update_fields=fields)

    def _finish(self, uids: Sequence[int], ours: set[int], bounces: Sequence[Bounce]) -> int:
        """Count and note up to where in one transaction, then delete.

        A worker that is killed in between leaves mails whose UIDs tell that they were counted.
        """
        self.state.last_uid = max(self.state.last_uid, uids[-1])
        if bounces:
            with transaction.atomic():
                count_bounces(bounces)
                self.state.save(update_fields=["uidvalidity", "last_uid", "last_cleared_uid"])
        mine = [uid for uid in uids if uid in ours]
        self.mailbox.delete(mine)
        self.state.last_cleared_uid = uids[-1]
        self.looked_at += len(uids)
        self.deleted += len(mine)
        return len(uids)


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
