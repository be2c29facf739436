"""The worker's part of lists from elsewhere: all of one, or nothing, in one transaction.

Whenever the worker is killed, nothing of the list is entered, and the next one begins anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, time

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Max, Q

from signatures.collecting.entering import check_takes
from signatures.collecting.lists import check_is_new, record_act, rows_of, stop_list
from signatures.collecting.outside_rows import OutsideRow
from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.models import Bundle, EnteredRow, OutsideList, Petition, RemovedMark, Sheet, Signature
from signatures.models.choices import AuditAction, SignatureState, Source, TallyKind, Visibility
from signatures.models.outside_list import ListStage, RowFate
from signatures.models.rights import organisers_with

RIGHT = "import_signatures"
ROWS_AT_ONCE = 1000
# With the number of a list: two workers must not enter the same one.
LIST_LOCK = 7_301_031
# Whoever has chosen nothing here is only counted: no name, no city, no reason. ``now()`` is the latest that a day can
# be, since the clock may have been set back after the file was read.
INSERT = """
INSERT INTO signatures_signature (id, petition_id, email_key, state, source, visibility, country, language,
    text_version_id, reason_approved, ever_counted, is_listed, first_confirmed_at, last_confirmed_at)
SELECT id, %(petition_id)s, key, %(state)s, %(source)s, %(visibility)s, country, %(language)s, %(text_version_id)s,
    false, true, false, least(coalesce(at, now()), now()), least(coalesce(at, now()), now())
FROM unnest(%(ids)s::bigint[], %(keys)s::bytea[], %(countries)s::text[], %(days)s::timestamptz[])
    AS given (id, key, country, at)
ON CONFLICT (petition_id, email_key) DO NOTHING
RETURNING id
"""
NUMBERS = """
SELECT nextval(pg_get_serial_sequence('signatures_signature', 'id')) FROM generate_series(1, %s)
"""
PROGRESS = "UPDATE signatures_outsidelist SET progress = %s WHERE id = %s AND stage = %s"


class StoppedError(Exception):
    """Somebody has stopped it, so that nothing of it must stay."""


def enter_lists() -> int:
    """Enter the lists that wait for the worker, and return how many signatures were entered."""
    entered = 0
    for pk in OutsideList.objects.all().queued().values_list("pk", flat=True):
        try:
            entered += _enter(pk)
        except StoppedError:
            continue
        except ValidationError:
            # Entered meanwhile, or the right to it is gone.
            with suppress(OutsideList.DoesNotExist, ValidationError):
                stop_list(pk=pk, actor=None)
    return entered


def _enter(pk: int) -> int:
    """Enter a list.

    :raises StoppedError: if somebody has stopped it
    :raises ValidationError: if it must not be entered any more
    """
    with transaction.atomic(), closing(connection.copy()) as beside:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s::int)", [LIST_LOCK, pk])
            if not cursor.fetchone()[0]:
                return 0
        one = OutsideList.objects.queued().filter(pk=pk).first()
        if one is None:
            return 0
        one.petition = Petition.objects.select_for_update(no_key=True).get(pk=one.petition_id)
        check_takes(one.petition)
        check_is_new(one.petition, bytes(one.file_key))
        if not organisers_with(RIGHT, one.petition_id).filter(pk=one.started_by_id or 0).exists():
            raise ValidationError("")
        rows = [row for row in rows_of(one) if row.fate == RowFate.TAKEN]
        if len(rows) != one.usable_count:
            # Of a restored backup, or under a key that is gone: a part of a list is no list.
            record_act(one, AuditAction.LIST_DROPPED, None, one.line_count)
            one.delete()
            return 0
        return _store(one, rows, beside)


def _store(one: OutsideList, rows: Sequence[OutsideRow], beside: BaseDatabaseWrapper) -> int:
    sheet = _sheet_of(one)
    amount = 0
    countries: Counter[str] = Counter()
    for start in range(0, len(rows), ROWS_AT_ONCE):
        stored = list(_insert(one, rows[start : start + ROWS_AT_ONCE]))
        EnteredRow.objects.bulk_create(
            EnteredRow(sheet=sheet, line=row.line, signature_id=number) for row, number in stored
        )
        countries.update(row.country for row, _number in stored)
        amount += len(stored)
        _tell(one, start + ROWS_AT_ONCE, beside)
    write_tally(
        one.petition_id,
        [
            Event(
                TallyKind.CONFIRMED,
                Dimensions(Source.IMPORT.value, country, one.language, Visibility.COUNTED.value),
                amount=many,
            )
            for country, many in countries.items()
        ],
    )
    sheet.amount = amount
    sheet.save(update_fields=["amount"])
    _finish(one, sheet)
    return amount


def _sheet_of(one: OutsideList) -> Sheet:
    """Make the bundle and the sheet that say where the signatures come from."""
    bundle = Bundle.objects.create(
        petition_id=one.petition_id,
        text_version_id=one.text_version_id,
        source=Source.IMPORT,
        label=one.label,
        language=one.language,
        made_by_id=one.made_by_id,
    )
    # The lock of the petition keeps two from taking the same number.
    last = Sheet.objects.filter(petition_id=one.petition_id).aggregate(last=Max("number"))["last"] or 0
    return Sheet.objects.create(
        petition_id=one.petition_id,
        bundle=bundle,
        number=last + 1,
        lines=one.line_count,
        entered_by_id=one.started_by_id,
        entered_at=TransactionNow(),
        amount=0,
    )


def _insert(one: OutsideList, rows: Sequence[OutsideRow]) -> Iterator[tuple[OutsideRow, int]]:
    """Store rows whose addresses have not signed here, and yield each with the number of its signature."""
    keys = [bytes.fromhex(key) for row in rows for key in row.keys]
    # Under whichever secret. One that was removed and has withdrawn stays removed.
    here = Q(petition=one.petition_id, email_key__in=keys)
    signed = Signature.objects.filter(here).values_list("email_key", flat=True)
    marked = RemovedMark.objects.filter(here).values_list("email_key", flat=True)
    known = {bytes(key).hex() for key in (*signed, *marked) if key is not None}
    new = [row for row in rows if known.isdisjoint(row.keys)]
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [len(new)])
        numbers = [number for (number,) in cursor.fetchall()]
        cursor.execute(
            INSERT,
            {
                "petition_id": one.petition_id,
                "text_version_id": one.text_version_id,
                "language": one.language,
                "state": SignatureState.CONFIRMED.value,
                "source": Source.IMPORT.value,
                "visibility": Visibility.COUNTED.value,
                "ids": numbers,
                "keys": [bytes.fromhex(row.keys[0]) if row.keys else None for row in new],
                "countries": [row.country for row in new],
                "days": [_instant(row.day) for row in new],
            },
        )
        stored = {number for (number,) in cursor.fetchall()}
    yield from ((row, number) for row, number in zip(new, numbers, strict=True) if number in stored)


def _instant(day: str) -> datetime | None:
    """Return the middle of a day, which is that day wherever the clocks of the other service stood."""
    return datetime.combine(datetime.fromisoformat(day), time(12), tzinfo=UTC) if day else None


def _tell(one: OutsideList, done: int, beside: BaseDatabaseWrapper) -> None:
    """Say how far it is, and stop if somebody wants that.

    By a connection of its own, since nobody sees what this transaction writes before it ends.

    :raises StoppedError: if somebody has stopped it
    """
    if not OutsideList.objects.queued().filter(pk=one.pk).exists():
        raise StoppedError
    with beside.cursor() as cursor:
        cursor.execute(PROGRESS, [min(done, one.usable_count), one.pk, ListStage.QUEUED.value])


def _finish(one: OutsideList, sheet: Sheet) -> None:
    locked = OutsideList.objects.select_for_update(of=("self",)).get(pk=one.pk)
    if locked.stage != ListStage.QUEUED:
        raise StoppedError
    locked.parts.all().delete()
    locked.stage, locked.bundle, locked.progress = ListStage.DONE, sheet.bundle, locked.usable_count
    locked.save(update_fields=["stage", "bundle", "progress"])
    record_act(one, AuditAction.LIST_ENTERED, None, one.line_count)
