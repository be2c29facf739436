"""Waves while workers are killed or look at once, and while a botnet comes among an honest crowd."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection, transaction

from benchmarks.botnet import simulate
from benchmarks.crowd import BOTNETS
from signatures.counting.reconciling import compare_tally
from signatures.models import AuditEntry, Petition, Signature, StandingHold, Wave
from signatures.models.choices import AuditAction
from signatures.moderating.holds import note_wave
from signatures.moderating.waves import WaveWatch, look_for_waves
from tests.support import factories
from tests.support.database import at_once, query
from tests.support.waiting import wait_until
from tests.support.worker_process import worker

pytestmark = pytest.mark.django_db(transaction=True)
WAITS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""


def flood(petition: Petition) -> None:
    """Store sixty signatures from one domain."""
    for number in range(60):
        factories.make_signature(petition, address=f"fake-{number}@catch-all.example")


def somebody_waits() -> bool:
    """Return whether another session waits for a lock."""
    # Within a transaction the view stands still.
    query("SELECT pg_stat_clear_snapshot()")
    return bool(query(WAITS)[0][0])


def once(petition: Petition) -> bool:
    """Return whether the wave of a flood is there once, with its hold and its entries in the audit log."""
    log = AuditEntry.objects.filter(petition=petition, action__in=[AuditAction.WAVE_FOUND, AuditAction.HOLD_STARTED])
    assert Wave.objects.get().hold == StandingHold.objects.get()
    return sorted(log.values_list("action", flat=True)) == [AuditAction.HOLD_STARTED, AuditAction.WAVE_FOUND]


def test_a_worker_killed_in_the_middle_leaves_nothing_half_or_double(petition: Petition, tmp_path: Path) -> None:
    # It starts outside the transaction, since its gate must see the newest number of the journal.
    with worker(tmp_path.as_uri()) as process, transaction.atomic():
        # The log is written after the wave, in the same transaction: it must wait there.
        query("LOCK signatures_auditentry IN EXCLUSIVE MODE")
        at_once(lambda: flood(petition))
        wait_until(somebody_waits)
        process.kill()
        process.wait()
    wait_until(lambda: not somebody_waits())
    assert not Wave.objects.exists()
    assert not StandingHold.objects.exists()
    WaveWatch().look()
    assert once(petition)
    WaveWatch().look()
    assert once(petition)


def test_workers_that_look_at_once_find_a_wave_once(petition: Petition) -> None:
    flood(petition)
    at_once(*[WaveWatch().look] * 4)
    assert once(petition)
    assert Wave.objects.get().amount == 60
    assert compare_tally(petition) == {}


def test_an_organiser_and_the_worker_do_not_wait_for_each_other_for_ever(petition: Petition) -> None:
    flood(petition)
    WaveWatch().look()
    organiser, number = factories.make_organiser(), Wave.objects.get().pk

    def say_it_is_fine() -> None:
        note_wave(pk=number, is_fine=True, actor=organiser)

    at_once(say_it_is_fine, lambda: look_for_waves(petition.pk), lambda: look_for_waves(petition.pk))
    look_for_waves(petition.pk)
    assert not StandingHold.objects.exists()
    assert Wave.objects.get().is_fine


def test_a_botnet_of_one_domain_is_caught_and_the_crowd_around_it_is_not_held(
    petition: Petition, request: pytest.FixtureRequest
) -> None:
    came = simulate(petition.pk, BOTNETS[0], 0.3, people=400, before=300)
    request.node.user_properties.append(("figures", f"{came.caught:.1%} caught, {came.wronged:.2%} honest held"))
    assert came.fakes > 150
    assert came.caught >= 0.95
    assert came.held / came.fakes >= 0.6, "most are never counted"
    assert came.wronged < 0.005
    assert came.honest_in_waves / came.honest < 0.02
    assert compare_tally(petition) == {}


def test_the_sample_is_read_by_an_index_and_no_further(petition: Petition) -> None:
    for _ in range(5):
        factories.make_signature(petition)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plans = [
            Signature.objects.filter(petition=petition, state=state).order_by("-pk")[:3].explain()
            for state in ("CONFIRMED", "HELD")
        ]
    for plan in plans:
        assert "Index Scan" in plan
        assert "Sort" not in plan
