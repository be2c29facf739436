"""Reads from the database how the site is, in a few statements whose cost has a bound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import connection
from django.db.models import ExpressionWrapper, F, OuterRef, Subquery
from django.db.models.fields import DurationField

from signatures.counting.published import published_counts
from signatures.models import Petition, Release, ReleaseClock, TextVersion

# Rows are counted up to here: after an outage there may be millions.
ROWS_MAX = 100_000
STATE = """
SELECT
    (SELECT count(*) FROM (SELECT FROM signatures_outgoingmail LIMIT %(most)s) AS counted),
    (SELECT count(*) FROM (SELECT FROM signatures_outgoingmail WHERE fault <> '' LIMIT %(most)s) AS counted),
    (SELECT extract(epoch FROM now() - min(created_at)) FROM (
        SELECT created_at, attempts_made, next_attempt_at FROM signatures_outgoingmail ORDER BY id LIMIT %(most)s
    ) AS oldest WHERE attempts_made > 0 OR next_attempt_at <= now()),
    (SELECT count(*) FROM (SELECT FROM signatures_attempt WHERE confirmed_at IS NULL LIMIT %(most)s) AS counted),
    (SELECT count(*) FROM (SELECT FROM signatures_tally WHERE NOT is_summed LIMIT %(most)s) AS counted),
    (SELECT count(*) FROM signatures_workerbeat
     WHERE beat_at > now() - %(silent)s::interval AND beat_at <= now() + %(silent)s::interval),
    (SELECT extract(epoch FROM now() - max(beat_at)) FROM signatures_workerbeat
     WHERE beat_at <= now() + %(silent)s::interval),
    (SELECT extract(epoch FROM now() - refuses_since) FROM signatures_relay WHERE key = %(relay)s),
    (SELECT coalesce(max(number), 0) FROM signatures_auditseal),
    (SELECT count(*) FROM (
        SELECT FROM signatures_auditentry
        WHERE id > (SELECT coalesce(max(entry_id), 0) FROM signatures_auditseal) LIMIT %(most)s) AS counted),
    pg_database_size(current_database()),
    current_setting('server_version')
"""


@dataclass(frozen=True)
class State:
    """Numbers of the database, ages in seconds; amounts are at most ROWS_MAX.

    :param mail_age: of the oldest mail that is due; 0 if there is none
    :param beat_age: of the last sign of life of any worker, or None if there is none
    :param refusing: for how long the mail server has refused all mails, 0 if it does not
    """

    mails: int
    refused_mails: int
    mail_age: float
    attempts: int
    tallies: int
    workers: int
    beat_age: float | None
    refusing: float
    sealed_entries: int
    unsealed_entries: int
    database_bytes: int
    server_version: str


def read_state(*, relay: str, silent_after: timedelta) -> State:
    """Return the state as of one instant.

    :param relay: which mail server the settings name
    :param silent_after: a worker without a sign of life for longer is not at work
    :raises django.db.Error: if the database cannot be reached
    """
    with connection.cursor() as cursor:
        cursor.execute(STATE, {"most": ROWS_MAX, "silent": f"{silent_after.total_seconds()} s", "relay": relay})
        mails, refused, mail_age, attempts, tallies, workers, beat_age, refusing, *others = cursor.fetchone()
    return State(
        mails,
        refused,
        max(float(mail_age or 0), 0.0),
        attempts,
        tallies,
        workers,
        None if beat_age is None else max(float(beat_age), 0.0),
        max(float(refusing or 0), 0.0),
        *others,
    )


@dataclass(frozen=True)
class PublicState:
    """What anyone may read of the petitions, by slug.

    :param counts: as pages show them, without those that are not shown
    :param release_ages: of the last release, in seconds
    """

    counts: dict[str, int]
    release_ages: dict[str, float]


def read_public_state() -> PublicState:
    """Return the public numbers of all public petitions, in four statements.

    :raises django.db.Error: if the database cannot be reached
    """
    versions = sorted(TextVersion.objects.all().newest_of_public(), key=lambda version: version.petition.slug)
    slugs = {version.petition_id: version.petition.slug for version in versions}
    counts = published_counts({version.petition_id: version.rules for version in versions})
    newest = Release.objects.filter(petition=OuterRef("pk")).order_by("-number").values("made_at")[:1]
    age = ExpressionWrapper(TransactionNow() - Subquery(newest), output_field=DurationField())
    ages = dict(Petition.objects.filter(pk__in=slugs).annotate(age=age).values_list("pk", "age"))
    return PublicState(
        {slug: count for pk, slug in slugs.items() if (count := counts[pk]) is not None},
        {slug: max(ages[pk].total_seconds(), 0.0) for pk, slug in slugs.items() if ages[pk] is not None},
    )


def seconds_without_look() -> float:
    """Return for how long the worker has not looked whether a release is due, beyond the time at which it was to look.

    :raises django.db.Error: if the database cannot be reached
    """
    late = ExpressionWrapper(TransactionNow() - F("look_at"), output_field=DurationField())
    petitions = Petition.objects.all().public().filter(purged_at__isnull=True)
    clocks = ReleaseClock.objects.filter(petition__in=petitions.values("pk"), look_at__lte=TransactionNow())
    longest = clocks.order_by("look_at").values_list(late, flat=True).first()
    return longest.total_seconds() if longest is not None else 0.0
