"""Nothing takes hours because the database still takes its tables for as small as they once were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from benchmarks.data import SIGNATURES, TALLIES
from signatures.counting.reconciling import check_sums, check_tally
from signatures.models import Petition
from signatures.models.choices import PetitionStatus
from signatures.moderating.purging import purge_petition
from signatures.worker import Worker
from tests.support import factories
from tests.support.attacks.routes import all_routes
from tests.support.database import query, tables
from tests.support.every_route import Site, fill
from tests.support.hand_overs import package_of, prepare
from tests.support.mailbox import Mailbox
from tests.support.name_lists import recipient_of

pytestmark = pytest.mark.django_db(transaction=True)

SIGNERS = 10_000
# Each takes well below one; what reads each row of a table for each of another takes hours.
SECONDS_MAX = 10
# Of Django's own, which need to be told of what.
UNNAMED = {"/admin/r/{content_type_id}/{object_id}/", "/admin/{url}"}


@pytest.fixture
def grown(petition: Petition, mailbox: Mailbox, organiser: Client, settings: Settings) -> Iterator[Site]:
    """Return a site that has grown since its statistics were made, and where no statement may take long."""
    settings.METRICS_TOKEN = "token"
    site = fill(petition, mailbox, organiser)
    ours = [name for name in tables() if name.startswith("signatures_")]
    for name in ours:
        query(f'ALTER TABLE "{name}" SET (autovacuum_enabled = false)')
    query("ANALYZE")
    last = query("SELECT max(id) FROM signatures_signature")[0][0]
    version = factories.newest_version(petition)
    with connection.cursor() as cursor:
        cursor.execute(SIGNATURES, {"petition": petition.pk, "version": version.pk, "first": 1, "last": SIGNERS})
    query(TALLIES, [last])
    query(f"SET statement_timeout TO '{SECONDS_MAX}s'")
    yield site
    query("RESET statement_timeout")
    for name in ours:
        query(f'ALTER TABLE "{name}" RESET (autovacuum_enabled)')


def test_no_page_no_hand_over_and_no_job_waits_for_a_plan_of_a_small_site(grown: Site) -> None:
    petition, organiser = grown.petition, grown.organiser
    for route in all_routes():
        if route.pattern not in UNNAMED:
            assert organiser.get(grown.path_of(route)).status_code < 500, route.pattern
    for asked in ("q=ivan", "state__exact=CONFIRMED"):
        assert organiser.get(f"/admin/signatures/signature/?{asked}").status_code == 200
    package_of(organiser, prepare(organiser, recipient_of(petition, "Parliament"), with_workbook="on"))
    worker = Worker()
    for _interval, job in worker.jobs:
        job()
    worker.transport.close()
    check_tally(petition=petition, repair=True)
    check_sums(petition=petition, repair=True)
    Petition.objects.filter(pk=petition.pk).update(status=PetitionStatus.CLOSED)
    purge_petition(petition=petition, actor=None, reason="The campaign is over")
    assert not petition.signatures.exists()
