"""The audit log is sealed without a gap and without a double, whoever records, seals, checks or is killed meanwhile."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from django.db import connection, transaction

from signatures import auditing
from signatures.auditing import sealing
from signatures.auditing.checking import Findings, check_log
from signatures.auditing.sealing import seal_entries
from signatures.models import AuditEntry, AuditSeal, Petition
from signatures.models.choices import AuditAction
from tests.support.database import at_once, query
from tests.support.waiting import wait_until
from tests.support.worker_process import worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]
ENTRIES = 60


def write(petition: Petition) -> None:
    """Record some acts, a few of them in transactions that fail or that stay open for a while."""
    for number in range(ENTRIES):
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            auditing.record(actor=None, action=AuditAction.TALLY_REPAIRED, petition=petition, amount=number)
            if number % 7 == 0:
                query("SELECT pg_sleep(0.01)")
            if number % 9 == 0:
                raise ZeroDivisionError


def everything_is_sealed_once() -> Findings:
    """Assert that each entry has its place in a chain that is whole."""
    findings = check_log()
    assert findings.problems == []
    numbers = list(AuditSeal.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert findings.entries == len(numbers) == AuditEntry.objects.count()
    return findings


def test_many_who_record_and_many_who_seal_leave_one_chain(petition: Petition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SEALED_AT_ONCE", 7)

    def seal() -> None:
        for number in range(ENTRIES):
            seal_entries(of_all=number % 5 == 0)

    at_once(*[lambda: write(petition)] * 3, seal, seal, lambda: check_log() and None)
    seal_entries()
    everything_is_sealed_once()


def test_what_is_recorded_does_not_wait_for_a_seal(petition: Petition) -> None:
    with transaction.atomic():
        query("SELECT pg_advisory_xact_lock(%s)", [sealing.SEAL_LOCK])

        def act() -> int:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            return auditing.record(actor=None, action=AuditAction.TALLY_REPAIRED, petition=petition).pk

        (made,) = at_once(act)
    seal_entries()
    assert AuditSeal.objects.filter(entry=made).exists()


def test_a_worker_killed_while_it_seals_leaves_nothing_half(petition: Petition, tmp_path: Path) -> None:
    write(petition)
    seal_entries()
    last = AuditSeal.objects.count()
    held = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'relation' AND NOT granted"
        " AND relation = 'signatures_auditseal'::regclass"
    )
    with worker(tmp_path.as_uri()) as process, transaction.atomic():
        # It takes the lock of the chain, and stops at what it would write.
        query("LOCK signatures_auditseal IN EXCLUSIVE MODE")
        at_once(lambda: auditing.record(actor=None, action=AuditAction.TALLY_REPAIRED, petition=petition))
        wait_until(lambda: bool(query(held)[0][0]))
        process.kill()
        process.wait()
    wait_until(lambda: not query(held)[0][0])
    assert AuditSeal.objects.count() == last
    assert everything_is_sealed_once().entries == last + 1
