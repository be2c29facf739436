"""Makes releases, timed and sized so that none reveals a small group of people, or the moment of an event."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.errors import SerializationFailure

from signatures.counting.exact_numbers import read_truth
from signatures.counting.figures import Figures, Plan, as_json, from_json, plan_release
from signatures.counting.rule_of_ten import CELL_MIN
from signatures.models import Bundle, Movement, Petition, Release, ReleaseClock, Signature
from signatures.models.choices import Source
from signatures.models.clock import still_to_come
from signatures.models.petition import PetitionQuerySet
from signatures.models.release import without_largest

# Minimum time between two releases; the worker looks for the next one within this time again.
GAP = timedelta(minutes=10)
# While too few people wait, the worker looks at random intervals, so that a release does not immediately follow the
# tenth person's event. The longer nothing was released, the rarer events are, and the more the moment of the tenth
# would reveal: it could lie in any of many days, and a release within minutes would show when it was. So looks become
# rarer, up to half of the quiet time apart.
LOOK_AFTER_MIN = timedelta(minutes=1)
LOOK_AFTER_MAX = timedelta(minutes=10)
QUIET_PART = 2
LOOK_AFTER_QUIET_MAX = timedelta(hours=12)
IS_TO_COME = still_to_come("look_at", LOOK_AFTER_QUIET_MAX)
TRIES = 3


def make_releases() -> int:
    """Make all releases that are due, and return how many; a purged petition keeps its last one."""
    petitions: PetitionQuerySet = Petition.objects.all()
    due = (
        petitions.public()
        .filter(purged_at__isnull=True)
        .exclude(pk__in=ReleaseClock.objects.filter(IS_TO_COME).values("petition"))
    )
    return sum(_tried_again(petition) for petition in due.order_by("pk"))


def _tried_again(petition: Petition) -> bool:
    ReleaseClock.objects.bulk_create([ReleaseClock(petition=petition)], ignore_conflicts=True)
    for _attempt in range(TRIES):
        try:
            return make_release(petition)
        except OperationalError as error:
            # A signer changed a row that the release was about to list, or another worker is making the release.
            if not isinstance(error.__cause__, SerializationFailure):
                raise
    return False


def make_release(petition: Petition) -> bool:
    """Make a release if one is due and enough people wait; return whether one was made.

    Everything is read and written in one snapshot; events committed meanwhile wait for the next release.

    :raises OperationalError: caused by a SerializationFailure, if a row to be written was changed concurrently
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        clocks = ReleaseClock.objects.filter(petition=petition).exclude(IS_TO_COME)
        if not clocks.select_for_update(skip_locked=True).exists():
            return False
        is_made = release_if_enough(petition)
        quiet = timedelta() if is_made else _quiet_time(petition, cursor)
        clocks.update(look_at=TransactionNow() + _wait(is_made=is_made, quiet=quiet))
        return is_made


def release_if_enough(petition: Petition) -> bool:
    """Make a release in the caller's transaction and snapshot if enough people wait; return whether one was made."""
    newest = Release.objects.filter(petition=petition).newest()
    is_of_people = _people(petition, newest) >= CELL_MIN
    plan = _plan(petition, newest) if is_of_people or (newest is not None and _has_names(petition)) else None
    # Without people only names make a release: one person can send ten forms.
    if plan is not None and (is_of_people or plan.names):
        _store(petition, newest.number + 1 if newest is not None else 1, plan)
        if is_of_people:
            # Fewer go on waiting for others.
            Movement.objects.filter(petition=petition).delete()
        return True
    return False


def _has_names(petition: Petition) -> bool:
    """Return whether organisers have allowed enough names that are not listed yet; nobody need have moved for that."""
    if not petition.reviews_names:
        return False
    return petition.signatures.all().public().filter(is_listed=False)[:CELL_MIN].count() == CELL_MIN


def _plan(petition: Petition, newest: Release | None) -> Plan | None:
    """Return the plan for the next release, or None if nothing may change."""
    before = from_json(newest.figures) if newest is not None else Figures()
    version = petition.text_versions.all().newest_first()[0]
    plan = plan_release(before, read_truth(petition, version))
    return plan if plan.figures != before or plan.names else None


def _people(petition: Petition, newest: Release | None) -> int:
    if newest is None:
        # Before the first release everybody waits, including those who signed before releases were introduced.
        confirmed = petition.signatures.all().confirmed()
        alone = confirmed.exclude(source=Source.PAPER)[:CELL_MIN].count()
        if alone == CELL_MIN:
            return alone
        bundles = Bundle.objects.filter(petition=petition).with_numbers()
        return alone + without_largest({bundle.pk: bundle.counting for bundle in bundles})
    return Movement.objects.filter(petition=petition).people()


def _store(petition: Petition, number: int, plan: Plan) -> None:
    Release.objects.create(petition=petition, number=number, figures=as_json(plan.figures))
    for country, amount in plan.names.items():
        waiting = Signature.objects.filter(petition=petition, country=country, is_listed=False).public()
        # Places are random, so this order is, too.
        Signature.objects.filter(pk__in=waiting.order_by("place").values("pk")[:amount]).show()


def _quiet_time(petition: Petition, cursor: CursorWrapper) -> timedelta:
    """Return the time since the last release or, before the first, since people could sign here."""
    newest = Release.objects.filter(petition=petition).newest()
    began = [time for time in (petition.opens_at, petition.created_at) if time is not None]
    cursor.execute("SELECT now() - %s::timestamptz", [newest.made_at if newest is not None else max(began)])
    quiet: timedelta = cursor.fetchone()[0]
    return quiet


def _wait(*, is_made: bool, quiet: timedelta = timedelta()) -> timedelta:
    """Return a random time until the next look.

    :param quiet: time since the last release
    """
    latest = max(LOOK_AFTER_MAX, min(quiet / QUIET_PART, LOOK_AFTER_QUIET_MAX))
    first, span = (GAP, GAP) if is_made else (LOOK_AFTER_MIN, latest - LOOK_AFTER_MIN)
    return first + timedelta(seconds=secrets.randbelow(int(span.total_seconds()) + 1))
