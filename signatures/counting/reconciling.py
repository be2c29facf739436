"""Compares the tally with the signatures, and repairs it on request."""

from __future__ import annotations

from dataclasses import asdict

from django.db import connection, transaction
from django.db.models import Count, Sum

from signatures import auditing
from signatures.counting.folding import DROP_EMPTY_SPLITS, FOLD_LOCK, LET_FOLD
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import Organiser, Petition, TallySplit, TallySum
from signatures.models.choices import AuditAction, TallyKind
from signatures.models.tally import DIMENSIONS


class PurgedPetitionError(Exception):
    """The signatures were purged, so there is nothing to compare the tally with."""


def compare_tally(petition: Petition) -> dict[Dimensions, tuple[int, int]]:
    """Return (count by the tally, confirmed signatures) for each combination of dimensions in which these differ.

    :raises PurgedPetitionError: if the petition's personal data was erased
    """
    if petition.purged_at is not None:
        raise PurgedPetitionError(petition.slug)
    counted = petition.tallies.all().count_by(*DIMENSIONS)
    rows = petition.signatures.confirmed().values_list(*DIMENSIONS).annotate(amount=Count("id")).order_by()
    present = {tuple(row[:-1]): row[-1] for row in rows}
    return {
        Dimensions(*key): (counted.get(key, 0), present.get(key, 0))
        for key in sorted(counted.keys() | present.keys())
        if counted.get(key, 0) != present.get(key, 0)
    }


def compare_sums(petition: Petition) -> dict[str, tuple[int, int]]:
    """Return (stored sum, sum of the summed rows) for each kind in which these differ."""
    kept = dict(petition.tally_sums.values_list("kind", "amount"))
    rows = dict(petition.tallies.filter(is_summed=True).values_list("kind").annotate(Sum("amount")).order_by())
    return {
        kind: (kept.get(kind, 0), rows.get(kind, 0))
        for kind in sorted(kept.keys() | rows.keys())
        if kept.get(kind, 0) != rows.get(kind, 0)
    }


def compare_splits(petition: Petition) -> dict[Dimensions, tuple[int, int]]:
    """Return (stored split, count of the summed rows) for each combination of dimensions in which these differ."""
    kept = {tuple(row[:-1]): row[-1] for row in petition.tally_splits.values_list(*DIMENSIONS, "amount")}
    rows = petition.tallies.filter(is_summed=True).count_by(*DIMENSIONS)
    return {
        Dimensions(*key): (kept.get(key, 0), rows.get(key, 0))
        for key in sorted(kept.keys() | rows.keys())
        if kept.get(key, 0) != rows.get(key, 0)
    }


def check_sums(
    *, petition: Petition, repair: bool, actor: Organiser | None = None
) -> dict[str | Dimensions, tuple[int, int]]:
    """Compare the stored sums and splits, which pages read, with the tally rows; with ``repair`` recompute them.

    This works for purged petitions, too, which keep both.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if repair:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK])
        # No fold runs between the two reads.
        cursor.execute(
            "LOCK TABLE signatures_tally IN SHARE ROW EXCLUSIVE MODE"
            if repair
            else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
        )
        sums, splits = compare_sums(petition), compare_splits(petition)
        differences = dict[str | Dimensions, tuple[int, int]]([*sums.items(), *splits.items()])
        if repair and differences:
            cursor.execute(LET_FOLD)
            for kind, (_, amount) in sums.items():
                TallySum.objects.update_or_create(petition=petition, kind=kind, defaults={"amount": amount})
            for dimensions, (_, amount) in splits.items():
                TallySplit.objects.update_or_create(
                    petition=petition, **asdict(dimensions), defaults={"amount": amount}
                )
            cursor.execute(DROP_EMPTY_SPLITS)
            auditing.record(actor=actor, action=AuditAction.TALLY_REPAIRED, petition=petition, amount=len(differences))
    return differences


def check_tally(
    *, petition: Petition, repair: bool, actor: Organiser | None = None
) -> dict[Dimensions, tuple[int, int]]:
    """Compare the tally with the signatures in one snapshot; with ``repair``, write a CORRECTION for each difference.

    :raises PurgedPetitionError: if the petition's personal data was erased
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if repair:
            # In the same order as the fold: its lock, then the tables.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLD_LOCK])
        # Writers are blocked for a moment, so that both reads see one state, for which the corrections are exact.
        cursor.execute(
            "LOCK TABLE signatures_signature, signatures_tally IN SHARE ROW EXCLUSIVE MODE"
            if repair
            else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
        )
        petition.refresh_from_db()
        differences = compare_tally(petition)
        if repair and differences:
            write_tally(
                petition.pk,
                (
                    Event(TallyKind.CORRECTION, dimensions, amount=present - counted)
                    for dimensions, (counted, present) in differences.items()
                ),
            )
            auditing.record(actor=actor, action=AuditAction.TALLY_REPAIRED, petition=petition, amount=len(differences))
    return differences
