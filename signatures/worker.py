"""The background worker: sends mails, folds the tally, makes releases, expires attempts, watches, erases, cleans up."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from django.contrib.postgres.functions import TransactionNow
from django.core.cache import caches
from django.core.management import call_command
from django.db import Error as DatabaseFailure
from django.db import connection

from signatures.counting.folding import fold_tallies
from signatures.counting.releasing import make_releases
from signatures.mailing.alert_wishes import renew_addresses
from signatures.mailing.alerting import queue_alerts
from signatures.mailing.bounce_reading import BounceReader
from signatures.mailing.bounces import delete_old_bounces
from signatures.mailing.claiming import delete_old_counts, undo_far_future
from signatures.mailing.milestones import tell_milestones
from signatures.mailing.relay_alerts import watch_mail_server
from signatures.mailing.relaying import needs_greeting, try_at_once
from signatures.mailing.sending import delete_given_up, greet, send_batch
from signatures.mailing.transports import Transport, open_transport
from signatures.models import WorkerBeat
from signatures.models.clock import lately
from signatures.moderating.batch_steps import work_on_batches
from signatures.moderating.batches import drop_forgotten
from signatures.moderating.holds import end_due_holds
from signatures.moderating.purging import erase_latecomers, purge_due
from signatures.moderating.rewriting import rewrite_erased
from signatures.moderating.waves import WaveWatch, erase_old_waves
from signatures.outages import is_outage
from signatures.safeguarding.counter_cache import CounterCache
from signatures.signing.actions import expire_attempts
from signatures.signing.domain_marks import erase_domain_marks

logger = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
DATABASE_AWAY_SECONDS = 2.0
BEAT_SECONDS = 10.0
FOLD_SECONDS = 5.0
WAVE_SECONDS = 15.0
CLEAR_SECONDS = 30.0
# In each round, since somebody waits for it.
BATCH_SECONDS = 0.0
BOUNCE_SECONDS = 60.0
DAY_SECONDS = 24 * 60 * 60.0
BEATS_KEPT = timedelta(days=1)


class Worker:
    """A worker process; several can run concurrently, since every job claims its rows or takes a lock."""

    def __init__(self) -> None:
        """Set up the jobs and their intervals in seconds, without running any."""
        self.identity = uuid.uuid4()
        self.is_stopping = False
        self.has_greeted = False
        self.transport: Transport = open_transport()
        self.jobs: list[tuple[float, Callable[[], object]]] = [
            (BEAT_SECONDS, self.beat),
            (CLEAR_SECONDS, self.look_at_relay),
            (FOLD_SECONDS, fold_tallies),
            (FOLD_SECONDS, make_releases),
            (BATCH_SECONDS, work_on_batches),
            (CLEAR_SECONDS, drop_forgotten),
            (CLEAR_SECONDS, expire_attempts),
            (WAVE_SECONDS, WaveWatch().look),
            (CLEAR_SECONDS, end_due_holds),
            (CLEAR_SECONDS, erase_old_waves),
            (CLEAR_SECONDS, erase_domain_marks),
            (CLEAR_SECONDS, delete_given_up),
            (CLEAR_SECONDS, delete_old_counts),
            (CLEAR_SECONDS, undo_far_future),
            (CLEAR_SECONDS, clear_counters),
            (CLEAR_SECONDS, purge_due),
            (CLEAR_SECONDS, erase_latecomers),
            (CLEAR_SECONDS, watch_mail_server),
            (CLEAR_SECONDS, tell_milestones),
            (CLEAR_SECONDS, queue_alerts),
            (DAY_SECONDS, renew_addresses),
            (BOUNCE_SECONDS, BounceReader().look),
            (DAY_SECONDS, clear_days),
            (DAY_SECONDS, delete_old_bounces),
            (CLEAR_SECONDS, rewrite_erased),
        ]
        self.due = [0.0] * len(self.jobs)

    def stop(self) -> None:
        """Let the worker stop after the current step; safe to call in a signal handler."""
        # A plain flag: an Event has a lock, which the interrupted code may hold, and the process would deadlock.
        self.is_stopping = True

    def run(self) -> None:
        """Work until ``stop`` is called; retry while the database is unavailable."""
        while not self.is_stopping:
            try:
                handled = self.round()
            except DatabaseFailure as error:
                if not is_outage(error):
                    raise
                logger.warning("The database is away; trying again.")
                connection.close()
                time.sleep(DATABASE_AWAY_SECONDS)
                continue
            if not handled:
                time.sleep(IDLE_SECONDS)
        self.transport.close()
        connection.close()

    def round(self) -> int:
        """Run the jobs that are due, send one batch of mails, and return how many mails were processed."""
        # Publishing and erasing must be on disk before anyone can see the result.
        _set_synchronous_commit("on")
        for number, (interval, job) in enumerate(self.jobs):
            if time.monotonic() >= self.due[number]:
                job()
                self.due[number] = time.monotonic() + interval
        # If a power cut restores a deleted row, its mail is sent twice under one Message-ID, which is acceptable.
        _set_synchronous_commit("off")
        return send_batch(self.transport, should_stop=lambda: self.is_stopping).handled

    def look_at_relay(self) -> None:
        """Check, at the start and after problems with connecting, whether the mail server lets us in."""
        if not self.has_greeted:
            try_at_once()
        if not self.has_greeted or needs_greeting():
            self.has_greeted = True
            greet(self.transport)

    def beat(self) -> None:
        """Store the time of this sign of life, which the readiness page checks."""
        WorkerBeat.objects.update_or_create(worker=self.identity, defaults={"beat_at": TransactionNow()})


def _set_synchronous_commit(value: Literal["on", "off"]) -> None:
    """Set whether commits of this connection wait until they are on disk."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('synchronous_commit', %s, false)", [value])


def clear_counters() -> None:
    """Delete expired rate-limit counters from PostgreSQL; Redis does so by itself."""
    cache = caches["ratelimits"]
    if isinstance(cache, CounterCache):
        cache.delete_expired()


def clear_days() -> None:
    """Fold old days, and delete expired sessions and the beats of workers that are gone."""
    fold_tallies(all_days=True)
    call_command("clearsessions")
    WorkerBeat.objects.exclude(lately("beat_at", BEATS_KEPT)).delete()
