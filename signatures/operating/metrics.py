"""The metrics, and how exactly each may be told.

Monitoring keeps a number for every few seconds, for months, perhaps at another firm. So nothing here says more about
signers than the public pages do: a petition's count is the public one, and what a signer's single act would move by one
is told in whole tens, or, where it is an age, in whole minutes. What went wrong is told exactly.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from http import HTTPStatus
from itertools import accumulate

import django
from django.conf import settings
from django.db.utils import Error as DatabaseFailure

from signatures.mailing.outcomes import results
from signatures.models import Trouble
from signatures.models.operating import MailResult, TroubleKind
from signatures.models.relay import relay_key
from signatures.models.switch import SwitchName
from signatures.operating.exposition import Metric, Sample, counters, gauge, gauges, histogram
from signatures.operating.places import backup_age, disks
from signatures.operating.request_counts import BOUNDS, answers, durations
from signatures.operating.state import read_public_state, read_state, seconds_without_look
from signatures.outages import is_outage
from signatures.publishing.health import WORKER_SILENT_AFTER
from signatures.safeguarding.limit_hits import limit_hits
from signatures.safeguarding.switches import switched_on

TEN = 10
MINUTE = 60


def all_metrics() -> list[Metric]:
    """Return all metrics; while the database is away, those that need none, and that it is."""
    metrics = [*_of_web_server(), *_of_machine()]
    try:
        metrics += [*_of_database(), *_of_petitions(), *_of_mails(), *_of_troubles()]
    except DatabaseFailure as error:
        if not is_outage(error):
            raise
        return [*metrics, gauge("petition_database_up", "Whether the database answers.", 0)]
    return [*metrics, gauge("petition_database_up", "Whether the database answers.", 1)]


def in_tens(amount: int) -> int:
    """Round down, so that no single act of a person shows."""
    return amount - amount % TEN


def in_minutes(seconds: float) -> int:
    """Round down to whole minutes, in seconds, so that what is done at once does not show."""
    return int(seconds // MINUTE) * MINUTE


def _of_web_server() -> Iterator[Metric]:
    yield Metric(
        "petition_http_requests_total",
        "counter",
        "Answers since the start of the web server by name of the route; those below 400 in whole tens.",
        [
            Sample(told, {"route": route, "status": str(status) if status else "other"})
            for (route, status), amount in sorted(answers().items())
            if (told := amount if status >= HTTPStatus.BAD_REQUEST else in_tens(amount))
        ],
    )
    amounts, total = durations()
    yield histogram(
        "petition_http_request_duration_seconds",
        "Time until the first byte of an answer; all numbers in whole tens.",
        BOUNDS,
        [in_tens(so_far) for so_far in accumulate(amounts)],
        in_tens(int(total)),
    )
    yield counters(
        "petition_limits_hit_total", "Requests that a limit turned away, since the start.", "limit", limit_hits()
    )


def _of_machine() -> Iterator[Metric]:
    labels = {"version": settings.RELEASE, "python": platform.python_version(), "django": django.get_version()}
    yield Metric("petition_build_info", "gauge", "What is running; always 1.", [Sample(1, labels)])
    found = disks()
    free = {place: disk.free for place, disk in found.items()}
    size = {place: disk.size for place, disk in found.items()}
    yield gauges("petition_disk_free_bytes", "Free room on the disk, by what lies there.", "place", free)
    yield gauges("petition_disk_size_bytes", "Size of the disk, by what lies there.", "place", size)
    age = backup_age()
    if age is not None:
        yield gauge("petition_backup_age_seconds", "Time since the last good backup; +Inf if there was none.", age)


def _of_database() -> Iterator[Metric]:
    state = read_state(relay=relay_key(), silent_after=WORKER_SILENT_AFTER)
    yield gauge("petition_mails_waiting", "Mails in the outbox, in whole tens.", in_tens(state.mails))
    yield gauge("petition_mails_refused", "Of these, those that the mail server has refused.", state.refused_mails)
    yield gauge(
        "petition_oldest_mail_seconds", "Age of the oldest mail that is due, in minutes.", in_minutes(state.mail_age)
    )
    yield gauge("petition_mail_server_refusing_seconds", "For how long all mails are refused.", state.refusing)
    yield gauge("petition_attempts_waiting", "Attempts not confirmed yet, in whole tens.", in_tens(state.attempts))
    yield gauge("petition_tallies_unfolded", "Rows not in the sums yet, in whole tens.", in_tens(state.tallies))
    yield gauge("petition_workers", "Workers with a sign of life in the last two minutes.", state.workers)
    if state.beat_age is not None:
        yield gauge("petition_worker_beat_age_seconds", "Time since a worker's last sign of life.", state.beat_age)
    yield gauge("petition_audit_entries_sealed", "Entries of the audit log in the chain.", state.sealed_entries)
    yield gauge("petition_audit_entries_unsealed", "Entries that are not in it yet.", state.unsealed_entries)
    on = switched_on()
    switches = {name.value: int(name in on) for name in SwitchName}
    yield gauges("petition_switch", "Whether an emergency switch is on.", "switch", switches)
    yield gauge("petition_database_size_bytes", "Size of the database.", state.database_bytes)
    server = [Sample(1, {"version": state.server_version})]
    yield Metric("petition_postgresql_info", "gauge", "The version of the database server; always 1.", server)


def _of_petitions() -> Iterator[Metric]:
    public = read_public_state()
    yield gauges("petition_signatures", "Signatures, as the public pages say.", "petition", public.counts)
    yield gauges("petition_release_age_seconds", "Time since the last release.", "petition", public.release_ages)
    yield gauge(
        "petition_release_look_overdue_seconds", "How late the next look for a release is.", seconds_without_look()
    )


def _of_mails() -> Iterator[Metric]:
    # What went wrong is told exactly.
    exact = {MailResult.GIVEN_UP, MailResult.RETRIED, MailResult.UNDELIVERABLE}
    told = {
        result.lower(): amount if result in exact else in_tens(amount) for result, amount in sorted(results().items())
    }
    yield counters("petition_mails_total", "Mails by outcome; those without trouble in whole tens.", "outcome", told)


def _of_troubles() -> Iterator[Metric]:
    lasting = set(Trouble.objects.all().lasting().values_list("kind", flat=True))
    told = {kind.lower(): int(kind in lasting) for kind in TroubleKind}
    yield gauges("petition_trouble", "Whether the worker tells the operator of this trouble.", "kind", told)
