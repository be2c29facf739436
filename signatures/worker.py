"""The background worker: sends mails, folds the tally, makes releases, expires attempts, watches, erases, cleans up."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Literal, cast

from django.contrib.postgres.functions import TransactionNow
from django.core.cache import caches
from django.db import Error as DatabaseFailure
from django.db import connection

from signatures.auditing.sealing import seal_entries
from signatures.collecting.renewing import renew_paper
from signatures.counting.folding import fold_tallies
from signatures.counting.releasing import make_releases
from signatures.journaling import sweep
from signatures.journaling.files import JournalUnwritableError, delete_old_files
from signatures.journaling.gate import GATE
from signatures.mailing.alert_wishes import renew_addresses
from signatures.mailing.alerting import queue_alerts
from signatures.mailing.bounce_reading import BounceReader
from signatures.mailing.bounces import delete_old_bounces
from signatures.mailing.claiming import delete_old_counts, undo_far_future
from signatures.mailing.milestones import tell_milestones
from signatures.mailing.news_mailing import queue_news
from signatures.mailing.news_wishes import renew_subscribers
from signatures.mailing.relay_alerts import watch_mail_server
from signatures.mailing.relaying import needs_greeting, try_at_once
from signatures.mailing.sending import delete_given_up, greet, send_batch
from signatures.mailing.transports import Transport, open_transport
from signatures.models import WorkerBeat
from signatures.models.clock import lately
from signatures.models.switch import SwitchName
from signatures.moderating.batch_steps import work_on_batches
from signatures.moderating.batches import drop_forgotten
from signatures.moderating.holds import end_due_holds
from signatures.moderating.purging import erase_latecomers, purge_due
from signatures.moderating.rewriting import rewrite_erased
from signatures.moderating.waves import WaveWatch, erase_old_waves
from signatures.operating.watching import OperatorWatch
from signatures.outages import is_outage, refusal_of
from signatures.safeguarding.counter_cache import CounterCache
from signatures.safeguarding.second_factors import renew_secrets
from signatures.safeguarding.secret_marks import remember_secrets
from signatures.safeguarding.sessions import SessionStore
from signatures.safeguarding.switches import are_mails_held, switched_on
from signatures.safeguarding.web_cache import release_web_cache
from signatures.signing.actions import expire_attempts
from signatures.signing.domain_marks import erase_domain_marks

logger = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
DATABASE_AWAY_SECONDS = 2.0
GATE_SECONDS = 2.0
BEAT_SECONDS = 10.0
FOLD_SECONDS = 5.0
WAVE_SECONDS = 15.0
CLEAR_SECONDS = 30.0
NEWS_SECONDS = 10.0
SEAL_SECONDS = 1.0
SEAL_ALL_SECONDS = 300.0
# What a killed process has left; the others copy their own.
SWEEP_SECONDS = 1.0
COMPLAIN_SECONDS = 60.0
# No longer than mails can wait: a log from before there were seals may have millions.
SEALED_A_ROUND = 2_000
# In each round, since somebody waits for it.
BATCH_SECONDS = 0.0
BOUNCE_SECONDS = 60.0
OPERATOR_SECONDS = 60.0
HOUR_SECONDS = 60 * 60.0
DAY_SECONDS = 24 * HOUR_SECONDS
BEATS_KEPT = timedelta(days=1)


class Worker:
    """A worker process; several can run concurrently, since every job claims its rows or takes a lock."""

    def __init__(self) -> None:
        """Set up the jobs and their intervals in seconds, without running any."""
        self.identity = uuid.uuid4()
        self.is_stopping = False
        self.has_greeted = False
        self.complain_at = 0.0
        self.transport: Transport = open_transport()
        self.operator_watch = OperatorWatch()
        waves = WaveWatch()
        self.jobs: list[tuple[float, Callable[[], object]]] = [
            (DAY_SECONDS, remember_secrets),
            (BEAT_SECONDS, self.beat),
            (CLEAR_SECONDS, self.look_at_relay),
            (FOLD_SECONDS, fold_tallies),
            (FOLD_SECONDS, make_releases),
            (BATCH_SECONDS, work_on_batches),
            (FOLD_SECONDS, release_web_cache),
            (SEAL_SECONDS, seal_some),
            (SWEEP_SECONDS, self.sweep),
            (SEAL_ALL_SECONDS, seal_latecomers),
            (CLEAR_SECONDS, drop_forgotten),
            (CLEAR_SECONDS, expire_attempts),
            (WAVE_SECONDS, waves.look),
            (CLEAR_SECONDS, end_due_holds),
            (CLEAR_SECONDS, erase_old_waves),
            (CLEAR_SECONDS, erase_domain_marks),
            (CLEAR_SECONDS, delete_given_up),
            (CLEAR_SECONDS, delete_old_counts),
            (CLEAR_SECONDS, undo_far_future),
            (CLEAR_SECONDS, clear_counters),
            (CLEAR_SECONDS, SessionStore.clear_expired),
            (CLEAR_SECONDS, purge_due),
            (CLEAR_SECONDS, erase_latecomers),
            (CLEAR_SECONDS, watch_mail_server),
            (CLEAR_SECONDS, tell_milestones),
            (CLEAR_SECONDS, queue_alerts),
            (NEWS_SECONDS, queue_news),
            (DAY_SECONDS, renew_addresses),
            (DAY_SECONDS, renew_subscribers),
            (DAY_SECONDS, renew_secrets),
            (DAY_SECONDS, renew_paper),
            (BOUNCE_SECONDS, BounceReader().look),
            (DAY_SECONDS, clear_days),
            (DAY_SECONDS, delete_old_bounces),
            (OPERATOR_SECONDS, self.watch_for_operator),
            (HOUR_SECONDS, delete_old_files),
            (CLEAR_SECONDS, rewrite_erased),
        ]
        self.due = [0.0] * len(self.jobs)
        # What changes, publishes or tells. While nothing is taken all this waits; what erases in time, and counts what
        # was taken, goes on.
        self.deciding: tuple[Callable[[], object], ...] = (
            make_releases,
            work_on_batches,
            waves.look,
            end_due_holds,
            tell_milestones,
            queue_alerts,
            queue_news,
        )

    def stop(self) -> None:
        """Let the worker stop after the current step; safe to call in a signal handler."""
        # A plain flag: an Event has a lock, which the interrupted code may hold, and the process would deadlock.
        self.is_stopping = True

    def run(self) -> None:
        """Work until ``stop`` is called; retry while the database is unavailable, or must not be served from."""
        while not self.is_stopping:
            if GATE.is_closed():
                # It may be lost, and is opened anew.
                connection.close()
                time.sleep(GATE_SECONDS)
                continue
            try:
                handled = self.round()
            except DatabaseFailure as error:
                if not is_outage(error):
                    raise
                logger.warning("The database is away; trying again. %s", refusal_of(error))
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
            # Asked before each job, since the one before may have taken minutes.
            if time.monotonic() >= self.due[number] and not (
                job in self.deciding and SwitchName.READ_ONLY in switched_on()
            ):
                job()
                self.due[number] = time.monotonic() + interval
        if self.must_not_send():
            return 0
        # If a power cut restores a deleted row, its mail is sent twice under one Message-ID, which is acceptable.
        _set_synchronous_commit("off")
        return send_batch(self.transport, should_stop=self.must_not_send).handled

    def must_not_send(self) -> bool:
        """Return whether mails have to wait; asked before each of them, since a batch may take minutes."""
        return self.is_stopping or are_mails_held()

    def sweep(self) -> None:
        """Copy what others have left; where the journal cannot be written, everything else goes on meanwhile."""
        try:
            sweep()
        except JournalUnwritableError as error:
            if time.monotonic() >= self.complain_at:
                logger.warning("What was taken away cannot be noted: %s. It stays in the database until then.", error)
                self.complain_at = time.monotonic() + COMPLAIN_SECONDS

    def look_at_relay(self) -> None:
        """Check, at the start and after problems with connecting, whether the mail server lets us in."""
        if not self.has_greeted:
            try_at_once()
        if not self.has_greeted or needs_greeting():
            self.has_greeted = True
            greet(self.transport)

    def watch_for_operator(self) -> None:
        """Look what is amiss, and tell the operator, who may be without other monitoring."""
        self.operator_watch.look(self.transport)

    def beat(self) -> None:
        """Store the time of this sign of life, which the readiness page checks."""
        WorkerBeat.objects.update_or_create(worker=self.identity, defaults={"beat_at": TransactionNow()})


def _set_synchronous_commit(value: Literal["on", "off"]) -> None:
    """Set whether commits of this connection wait until they are on disk."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('synchronous_commit', %s, false)", [value])


def seal_some() -> None:
    """Seal new entries of the audit log; a long log from before there were seals takes several rounds."""
    seal_entries(at_most=SEALED_A_ROUND)


def seal_latecomers() -> None:
    """Seal the entries whose transaction was open for long, while many others were written."""
    seal_entries(of_all=True, at_most=SEALED_A_ROUND)


def clear_counters() -> None:
    """Delete expired rate-limit counters from PostgreSQL, where they are kept while Redis is away, too."""
    cast("CounterCache", caches["counters"]).delete_expired()


def clear_days() -> None:
    """Fold old days, and delete the beats of workers that are gone."""
    fold_tallies(all_days=True)
    WorkerBeat.objects.exclude(lately("beat_at", BEATS_KEPT)).delete()
