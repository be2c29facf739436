"""The worker's part of rules: counts, carries out and undoes them in steps that each are one short transaction.

A step stores how far it got, in the same transaction: whenever the worker is killed, the next one goes on where the
last whole step ended.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import OperationalError, connection, models, transaction
from django.db.models import Aggregate, Count, Exists, F, OuterRef, Q
from django.db.models.functions import Greatest
from psycopg2.errors import DeadlockDetected, LockNotAvailable

from signatures.counting.writing import write_tally
from signatures.models import Batch, BatchRow, CountedRow, Signature
from signatures.models.choices import BatchAction, BatchStage, NameReview, SignatureState, StateReason, Visibility
from signatures.models.signature import SignatureQuerySet
from signatures.moderating.batches import SAMPLE_SIZE, break_off, end_batch, has_right_still, record_end
from signatures.moderating.deciding import event_of

# Mails go on in between.
SECONDS_MAX = 1.0
# How many numbers of signatures a step looks through, and how many signatures it changes, at most.
WINDOW = 50_000
ROWS_MAX = 1000
STATES = {
    BatchAction.HOLD: SignatureState.HELD,
    BatchAction.REMOVE: SignatureState.REMOVED,
    BatchAction.COUNT: SignatureState.CONFIRMED,
}
REVIEWS = {BatchAction.SHOW_NAMES: NameReview.OK, BatchAction.HIDE_NAMES: NameReview.HIDDEN}
OF_STATE = ("petition_id", "state", "state_reason", "ever_counted", "name_review", "last_confirmed_at")
OF_TALLY = ("source", "country", "language", "visibility")
# The lowest of a number that has nothing to do with the signatures make a fair sample, also of several steps together.
RANK = "hashint8extended({column}, {seed})"
OF_BOTH = f"SELECT id FROM unnest(%s::bigint[]) AS id ORDER BY {RANK.format(column='id', seed='%s')} LIMIT %s"  # noqa: S608


class Sample(Aggregate):
    """Some of the numbers of the rows, picked at random."""

    template = (
        f"(array_agg(%(expressions)s ORDER BY {RANK.format(column='%(expressions)s', seed='%(seed)s')}))[1:%(size)s]"
    )
    output_field = ArrayField(models.BigIntegerField())


def work_on_batches() -> int:
    """Work on the rules for about a second, and return how many steps were made."""
    until = time.monotonic() + SECONDS_MAX
    steps = 0
    while time.monotonic() < until and make_step():
        steps += 1
    return steps


def make_step() -> bool:
    """Make one step of one rule that no other worker is at; return whether there may be more to do now."""
    try:
        with transaction.atomic():
            batch = (
                Batch.objects.all()
                .at_work()
                .select_related("petition")
                .select_for_update(of=("self",), skip_locked=True)
                .first()
            )
            if batch is None:
                return False
            if batch.stage in (BatchStage.RUNNING, BatchStage.UNDOING) and not has_right_still(batch):
                break_off(batch)
            else:
                STEPS[BatchStage(batch.stage)](batch)
            batch.save()
    except OperationalError as error:
        if not isinstance(error.__cause__, (LockNotAvailable, DeadlockDetected)):
            raise
        # Somebody is just changing one of these signatures: the next round is soon enough.
        return False
    return True


def _window(batch: Batch) -> tuple[SignatureQuerySet, int]:
    """Return the signatures that the next step looks through, and the number of the last one."""
    # Single numbers are found by themselves.
    end = batch.last_id if batch.signature_ids is not None else min(batch.cursor + WINDOW, batch.last_id)
    return Signature.objects.all().matching(batch).filter(pk__gt=batch.cursor, pk__lte=end), end


def _count(batch: Batch) -> None:
    rows, batch.cursor = _window(batch)
    if batch.keeps_rows:
        _keep(rows, batch)
    found = rows.aggregate(
        matched=Count("pk"),
        matched_counting=Count("pk", filter=Q(state=SignatureState.CONFIRMED)),
        matched_held=Count("pk", filter=Q(state=SignatureState.HELD)),
        matched_public=Count("pk", filter=Q(visibility=Visibility.PUBLIC)),
        sample=Sample("pk", seed=batch.pk, size=SAMPLE_SIZE),
    )
    both = [*batch.sample, *(found.pop("sample") or [])]
    with connection.cursor() as cursor:
        cursor.execute(OF_BOTH, [both, batch.pk, SAMPLE_SIZE])
        batch.sample = sorted(number for (number,) in cursor.fetchall())
    for name, amount in found.items():
        setattr(batch, name, getattr(batch, name) + amount)
    if batch.cursor == batch.last_id:
        batch.stage = BatchStage.READY


def _keep(rows: SignatureQuerySet, batch: Batch) -> None:
    """Keep the numbers of the signatures that match, so that the rule is about these and no others."""
    text, values = rows.order_by().values("pk").query.sql_with_params()
    kept = (
        f"INSERT INTO {CountedRow._meta.db_table} (batch_id, signature_id) SELECT %s, found.id FROM ({text}) AS found"  # noqa: S608
    )
    with connection.cursor() as cursor:
        cursor.execute(kept, [batch.pk, *values])


def _run(batch: Batch) -> None:
    rows, end = _window(batch)
    if batch.keeps_rows:
        rows = rows.filter(Exists(CountedRow.objects.filter(batch=batch, signature_id=OuterRef("pk"))))
    found = list(_locked(_to_change(rows, batch))[:ROWS_MAX])
    BatchRow.objects.bulk_create(
        BatchRow(
            batch=batch,
            signature_id=one.pk,
            state_before=one.state,
            reason_before=one.state_reason,
            name_review_before=one.name_review,
        )
        for one in found
    )
    action = BatchAction(batch.action)
    if action in STATES:
        _move(batch, found, STATES[action], batch.reason)
    else:
        _review(found, REVIEWS[action])
    batch.changed += len(found)
    batch.cursor = found[-1].pk if len(found) == ROWS_MAX else end
    if batch.cursor == batch.last_id:
        end_batch(batch, BatchStage.DONE)
        record_end(batch)


def _to_change(rows: SignatureQuerySet, batch: Batch) -> SignatureQuerySet:
    """Keep those that are not yet as the rule makes them.

    What was removed stays so, and a name that was hidden, unless the rule is about that.
    """
    if batch.action in REVIEWS:
        rows = rows.filter(visibility=Visibility.PUBLIC).exclude(name_review=REVIEWS[BatchAction(batch.action)])
        return rows if batch.takes_hidden else rows.exclude(name_review=NameReview.HIDDEN)
    rows = rows.exclude(state=STATES[BatchAction(batch.action)])
    return rows if batch.takes_removed else rows.exclude(state=SignatureState.REMOVED)


def _locked(rows: SignatureQuerySet) -> SignatureQuerySet:
    # Whoever waits for nothing while holding locks can block nobody for ever, in whatever order others lock. What was
    # changed since the statement began is checked against the rule again.
    return rows.order_by("pk").select_for_update(nowait=True, of=("self",)).only(*OF_STATE, *OF_TALLY)


def _undo(batch: Batch) -> None:
    rows = list(batch.rows.order_by("signature_id")[:ROWS_MAX])
    numbers = [row.signature_id for row in rows]
    there = {one.pk: one for one in _locked(Signature.objects.filter(pk__in=numbers))}
    before: dict[tuple[str, str | None, str], list[Signature]] = defaultdict(list)
    for row in rows:
        signature = there.get(row.signature_id)
        if signature is not None and _is_as_left(signature, batch, row):
            before[row.state_before, row.reason_before, row.name_review_before].append(signature)
    for (state, reason, review), signatures in before.items():
        if batch.action in STATES:
            _move(batch, signatures, SignatureState(state), reason)
        else:
            _review(signatures, NameReview(review))
    restored = sum(map(len, before.values()))
    batch.restored += restored
    batch.left += len(rows) - restored
    batch.rows.filter(signature_id__in=numbers).delete()
    if len(rows) < ROWS_MAX:
        end_batch(batch, BatchStage.UNDONE)
        record_end(batch)


def _is_as_left(signature: Signature, batch: Batch, row: BatchRow) -> bool:
    action = BatchAction(batch.action)
    is_confirmed_anew = batch.started_at is not None and signature.last_confirmed_at > batch.started_at
    if action in REVIEWS:
        # Another name may have been hidden since, which nobody has allowed.
        return signature.name_review == REVIEWS[action] and not is_confirmed_anew
    if row.reason_before == StateReason.HONEYPOT and is_confirmed_anew:
        # Confirming properly would have made it count in any case.
        return False
    return signature.state == STATES[action] and (signature.state_reason or "") == batch.reason


def _move(batch: Batch, signatures: list[Signature], to: SignatureState, reason: str | None) -> None:
    """Give locked signatures a state, and write the tally; as for single ones (``move_signature``)."""
    code = StateReason(reason) if reason else None
    counted = Counter(event_of(one, to, code) for one in signatures)
    values: dict[str, object] = {"state": to, "state_reason": code}
    if to == SignatureState.CONFIRMED:
        values |= {"ever_counted": True, "current_since": Greatest(F("current_since"), TransactionNow())}
    _update(signatures, **values)
    write_tally(batch.petition_id, [replace(event, amount=n) for event, n in counted.items() if event is not None])


def _review(signatures: list[Signature], review: NameReview) -> None:
    _update(signatures, name_review=review)


def _update(signatures: Iterable[Signature], **values: object) -> None:
    Signature.objects.filter(pk__in=[one.pk for one in signatures]).update(**values)


STEPS = {BatchStage.COUNTING: _count, BatchStage.RUNNING: _run, BatchStage.UNDOING: _undo}
