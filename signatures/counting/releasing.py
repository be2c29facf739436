"""Makes releases: of what, when and how often, so that none tells of a few people, nor of the moment of an event."""

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
from signatures.models import Movement, Petition, Release, ReleaseClock, Signature
from signatures.models.clock import still_to_come
from signatures.models.petition import PetitionQuerySet

# At least this long passes between two releases, and at most as long again until somebody looks for the next.
GAP = timedelta(minutes=10)
# While too few wait, looks come at random, so that a release does not follow the tenth of them at once. The longer
# nothing was released, the fewer people there are whose deed the tenth may have been: it could have been in any of so
# many days, and a release within minutes would tell when. So looks become rarer, up to a half of that time.
LOOK_AFTER_MIN = timedelta(minutes=1)
LOOK_AFTER_MAX = timedelta(minutes=10)
QUIET_PART = 2
LOOK_AFTER_QUIET_MAX = timedelta(hours=12)
IS_TO_COME = still_to_come("look_at", LOOK_AFTER_QUIET_MAX)
TRIES = 3


def make_releases() -> int:
    """Make the releases whose time has come, and return how many; a petition whose data was erased keeps its last."""
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
            # A signer changed what the release was about to list, or another worker is at it.
            if not isinstance(error.__cause__, SerializationFailure):
                raise
    return False


def make_release(petition: Petition) -> bool:
    """Make a release if its time has come and enough people wait; return whether one was made.

    All is read and written on one snapshot: what is committed meanwhile waits for the next release.

    :raises OperationalError: with a SerializationFailure as its cause, if somebody changed what is written
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
    """Make a release on the snapshot of the caller's transaction if enough people wait; return whether one was made."""
    newest = Release.objects.filter(petition=petition).newest()
    plan = _plan(petition, newest)
    if plan is not None:
        _store(petition, newest.number + 1 if newest is not None else 1, plan)
    return plan is not None


def _plan(petition: Petition, newest: Release | None) -> Plan | None:
    """Return what is to be released, or None while too few people wait or nothing may change."""
    if _people(petition, newest) < CELL_MIN:
        return None
    before = from_json(newest.figures) if newest is not None else Figures()
    version = petition.text_versions.all().newest_first()[0]
    plan = plan_release(before, read_truth(petition, version))
    return plan if plan.figures != before or plan.names else None


def _people(petition: Petition, newest: Release | None) -> int:
    if newest is None:
        # Before the first release everybody waits, those included who signed before there were any.
        return petition.signatures.all().confirmed()[:CELL_MIN].count()
    return Movement.objects.filter(petition=petition).people()


def _store(petition: Petition, number: int, plan: Plan) -> None:
    Release.objects.create(petition=petition, number=number, figures=as_json(plan.figures))
    for country, amount in plan.names.items():
        waiting = Signature.objects.filter(petition=petition, country=country, is_listed=False).public()
        # By their places they come in a random order.
        Signature.objects.filter(pk__in=waiting.order_by("place").values("pk")[:amount]).show()
    Movement.objects.filter(petition=petition).delete()


def _quiet_time(petition: Petition, cursor: CursorWrapper) -> timedelta:
    """Return how long nothing was released; before the first release, how long people could sign here."""
    newest = Release.objects.filter(petition=petition).newest()
    began = [time for time in (petition.opens_at, petition.created_at) if time is not None]
    cursor.execute("SELECT now() - %s::timestamptz", [newest.made_at if newest is not None else max(began)])
    quiet: timedelta = cursor.fetchone()[0]
    return quiet


def _wait(*, is_made: bool, quiet: timedelta = timedelta()) -> timedelta:
    """Return how long it is until the next look.

    :param quiet: how long nothing was released
    """
    latest = max(LOOK_AFTER_MAX, min(quiet / QUIET_PART, LOOK_AFTER_QUIET_MAX))
    first, span = (GAP, GAP) if is_made else (LOOK_AFTER_MIN, latest - LOOK_AFTER_MIN)
    return first + timedelta(seconds=secrets.randbelow(int(span.total_seconds()) + 1))
