"""The clock was wrong, wrote times that are to come, and was set right: nothing waits for those times."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from signatures.counting.releasing import LOOK_AFTER_QUIET_MAX, make_releases
from signatures.mailing.bounce_mailbox import place_of
from signatures.mailing.bounce_warnings import UNREAD, bounce_warnings
from signatures.mailing.bounces import delete_old_bounces
from signatures.models import Attempt, BounceCount, BounceMailbox, Petition, ReleaseClock, Rewrite, WorkerBeat
from signatures.models.bounce import MANY
from signatures.moderating.waves import look_for_waves
from signatures.publishing.health import WORKER_SILENT
from signatures.safeguarding.counter_cache import CounterCache, Window
from signatures.safeguarding.rewrite_warnings import rewrite_warnings
from signatures.signing.actions import expire_attempts
from signatures.signing.domain_marks import erase_domain_marks
from signatures.worker import clear_days
from tests.support import factories
from tests.support.database import query
from tests.support.mailbox import Mailbox, code_in
from tests.support.readiness import warnings_of
from tests.support.releases import sign_hidden

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=366)


def test_a_worker_that_was_seen_next_year_is_missed_and_forgotten(settings: Settings) -> None:
    WorkerBeat.objects.create(worker=uuid.uuid4(), beat_at=TransactionNow() + YEAR)
    assert WORKER_SILENT in warnings_of(settings)
    clear_days()
    assert WorkerBeat.objects.count() == 0
    WorkerBeat.objects.create(worker=uuid.uuid4(), beat_at=TransactionNow() + timedelta(seconds=1))
    assert WORKER_SILENT not in warnings_of(settings)


@pytest.mark.django_db(transaction=True)
def test_a_release_waits_for_no_look_that_is_farther_ahead_than_any(petition: Petition) -> None:
    sign_hidden(petition, 20)
    clock = ReleaseClock.objects.create(petition=petition)

    def look_in(time: timedelta) -> int:
        ReleaseClock.objects.filter(pk=clock.pk).update(look_at=TransactionNow() + time)
        return make_releases()

    assert look_in(LOOK_AFTER_QUIET_MAX - timedelta(minutes=1)) == 0
    assert look_in(YEAR) == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_window_that_ends_next_year_and_what_is_logged_hourly_is_logged() -> None:
    cache = caches["ratelimits"]
    assert isinstance(cache, CounterCache)
    window = Window("w", 60.0, 1, 60)
    assert [cache.count([[window]])["w"] for _ in range(3)] == [1, 2, 3]
    assert not [cache.add("logged", 1, 60) for _ in range(2)][1]
    query("UPDATE signatures_ratelimit SET expires_at = expires_at + interval '30 seconds'")
    assert cache.count([[window]]) == {"w": 4}
    query("UPDATE signatures_ratelimit SET expires_at = expires_at + interval '1 year'")
    assert [cache.count([[window]])["w"] for _ in range(2)] == [1, 2]
    assert [cache.add("logged", 1, 60) for _ in range(2)] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_what_is_said_to_be_clean_next_year_is_rewritten_and_told_of(petition: Petition) -> None:
    Rewrite.objects.look()
    # In none of its twenty-four hours is it due for any other reason.
    hours = {name for hour in range(24) for name in Rewrite.objects.due(quietest_hour=hour)}
    assert "public.signatures_signature" not in hours
    assert rewrite_warnings() == []
    query("UPDATE signatures_rewrite SET clean_at = now() + interval '1 year'")
    assert "public.signatures_signature" in Rewrite.objects.due(quietest_hour=0)
    assert len(rewrite_warnings()) == 1


def test_a_mailbox_that_was_read_next_year_is_not_read(settings: Settings) -> None:
    settings.BOUNCE_URL = "imaps://user:password@mail.example.org/INBOX"
    row = BounceMailbox.objects.create(place=place_of(settings.BOUNCE_URL).digest, read_at=TransactionNow())
    assert bounce_warnings() == []
    BounceMailbox.objects.filter(pk=row.pk).update(read_at=TransactionNow() + YEAR)
    assert bounce_warnings() == [UNREAD]


def test_mails_that_came_back_next_year_are_neither_told_of_nor_kept() -> None:
    BounceCount.objects.create(kind="PERMANENT", amount=MANY)
    assert len(bounce_warnings()) == 1
    query("UPDATE signatures_bouncecount SET day = day + 366")
    assert bounce_warnings() == []
    assert delete_old_bounces() == 1


def test_a_code_that_was_used_next_year_is_used(petition: Petition, visitor: Client, mailbox: Mailbox) -> None:
    factories.sign(visitor, petition)
    code = code_in(mailbox.deliver()[0])
    assert factories.confirm(visitor, code).status_code == 303
    query("UPDATE signatures_attempt SET confirmed_at = now() + interval '1 year'")
    assert factories.confirm(visitor, code).status_code == 404
    expire_attempts()
    assert Attempt.objects.count() == 0


def test_an_hour_that_is_to_come_is_no_wave_and_stops_no_worker(petition: Petition) -> None:
    for hours, amount in [(hours, 1) for hours in range(-30, 0)] + [(3, 500)]:
        query(
            "INSERT INTO signatures_hourtally (petition_id, hour, kind, amount)"
            " VALUES (%s, date_trunc('hour', now()) + make_interval(hours => %s), 'CONFIRMED', %s)",
            [petition.pk, hours, amount],
        )
    assert look_for_waves(petition.pk) == 0


def test_the_mark_of_a_domain_does_not_stay_because_its_signer_confirmed_next_year(petition: Petition) -> None:
    factories.make_signature(petition)
    assert erase_domain_marks() == 0
    query(
        "UPDATE signatures_signature SET last_confirmed_at = now() + interval '1 year',"
        " current_since = now() + interval '1 year'"
    )
    assert erase_domain_marks() == 1
