"""Processes the mailbox for bounces: read, count, commit, delete."""

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
# No mails are sent to signers meanwhile; the rest is read on the worker's next round.
LOOK_SECONDS_MAX = 5.0
BATCH_SIZE = 20
# Only the newest mails are read, up to this number; of older ones only the recipients are checked, and what is ours is
# deleted unread. A flood of a hundred thousand mails must not delay for days the bounces that arrive after it.
READ_MAX = 1000
CLEAR_SECONDS_MAX = 10.0
CLEAR_BATCH_SIZE = 500
# A mailbox that cannot be read may use up its whole time limit before it fails.
AFTER_FAILURE_SECONDS = 300.0
# Some servers close the connection at a mail that they cannot fetch; after this many tries it is skipped.
TRIES_PER_MAIL = 3


class BounceReader:
    """Reads the mailbox on every call of the worker, and less often while it is failing."""

    def __init__(self) -> None:
        """Start without any backoff or recorded failures."""
        self.not_before = 0.0
        self.batch_size_max = CLEAR_BATCH_SIZE
        self.failures: Counter[tuple[int, int]] = Counter()

    def look(self) -> int:
        """Count and delete bounces, one worker at a time, and return how many mails were deleted."""
        if not settings.BOUNCE_URL or time.monotonic() < self.not_before:
            return 0
        with _exclusively() as is_locked:
            if not is_locked:
                return 0
            try:
                handled = self._look()
            except (*MAILBOX_ERRORS, ReaderMissingError) as error:
                # The error's message may quote the server's reply, and so an address.
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
        """Handle mails batch by batch, for at most this many seconds."""
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
                # With batches of one, the next session finds out which mail causes it.
                self.batch_size_max = 1
                self.failures[place] += len(batch) == 1
                raise


class _Visit:
    """One session in an open mailbox: mails are counted, then deleted, and the progress of both is stored."""

    def __init__(self, mailbox: Mailbox, state: BounceMailbox) -> None:
        self.mailbox, self.state = mailbox, state
        self.looked_at = 0
        self.deleted = 0

    def read(self, uids: Sequence[int], deadline: float) -> int:
        """Count and delete the mails that are ours, and return how many of all were processed.

        :param deadline: by the monotonic clock, after which the rest is left for later
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
        """Count as unclear and delete, unread, the mails that are ours; return how many of all were processed."""
        ours = self.mailbox.addressed(uids)
        return self._finish(uids, ours, [UNCLEAR] * sum(uid > self.state.last_uid for uid in ours))

    def pass_over(self, uid: int) -> int:
        """Skip a mail without deleting it, and return 1, the number processed."""
        return self._finish([uid], set(), [])

    def end(self, waiting: int) -> None:
        """Store how far this session got.

        :param waiting: how many mails are left for the next session
        """
        self.state.waiting = waiting
        fields = ["uidvalidity", "last_uid", "last_cleared_uid", "waiting"]
        if not waiting:
            self.state.strangers = max(self.mailbox.amount - self.deleted, 0)
            self.state.read_at = TransactionNow()
            fields += ["strangers", "read_at"]
        self.state.save(update_fields=fields)

    def _finish(self, uids: Sequence[int], ours: set[int], bounces: Sequence[Bounce]) -> int:
        """Count bounces and store the last UID in one transaction, then delete.

        If a worker is killed in between, the stored UID shows that the mails left behind were counted.
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
def _exclusively() -> Iterator[bool]:
    """Try to take a session-level lock and yield whether that worked; PostgreSQL frees it if the worker is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [BOUNCES_LOCK])
        is_locked: bool = cursor.fetchone()[0]
        try:
            yield is_locked
        finally:
            if is_locked:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [BOUNCES_LOCK])
