"""When releases are made, by whom, and of what."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from signatures.counting import releasing
from signatures.counting.releasing import make_releases
from signatures.models import Movement, Petition, Release, ReleaseClock
from tests.support.releases import sign_hidden
from tests.support.tally_reading import counted


def let_clock_strike(petition: Petition) -> None:
    """Let the next look for a release be due."""
    ReleaseClock.objects.filter(petition=petition).update(look_at=timezone.now() - timedelta(seconds=1))


def test_a_release_is_made_at_most_every_ten_minutes_at_a_moment_that_nobody_can_foretell() -> None:
    waits = [releasing._wait(is_made=True) for _ in range(200)]
    assert min(waits) >= timedelta(minutes=10)
    assert max(waits) <= timedelta(minutes=20)
    assert len(set(waits)) > 100
    looks = [releasing._wait(is_made=False) for _ in range(200)]
    assert min(looks) >= timedelta(minutes=1)
    assert max(looks) <= timedelta(minutes=10)
    assert len(set(looks)) > 100


@pytest.mark.parametrize(
    ("quiet", "latest"),
    [
        (timedelta(minutes=12), timedelta(minutes=10)),
        (timedelta(hours=4), timedelta(hours=2)),
        (timedelta(days=60), timedelta(hours=12)),
        (timedelta(days=-1), timedelta(minutes=10)),
    ],
)
def test_the_longer_nothing_was_released_the_less_the_moment_tells_of_the_tenth_deed(
    quiet: timedelta, latest: timedelta
) -> None:
    looks = [releasing._wait(is_made=False, quiet=quiet) for _ in range(400)]
    assert timedelta(minutes=1) <= min(looks) < latest / 10 + timedelta(minutes=1)
    assert latest * 0.9 < max(looks) <= latest
    # In any fifth of that time it may be.
    assert {int(5 * look / (latest + timedelta(seconds=1))) for look in looks} == set(range(5))
    assert max(releasing._wait(is_made=True, quiet=quiet) for _ in range(100)) <= timedelta(minutes=20)


@pytest.mark.django_db(transaction=True)
def test_quiet_time_counts_from_the_last_release_or_from_when_people_could_sign_here(
    petition: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[timedelta] = []

    def wait(*, is_made: bool, quiet: timedelta) -> timedelta:
        seen.append(quiet)
        return timedelta()

    monkeypatch.setattr(releasing, "_wait", wait)
    now = timezone.now()
    for opens_at, created_at in ((now - timedelta(days=9), now), (now - timedelta(hours=5), now - timedelta(days=9))):
        Petition.objects.update(opens_at=opens_at, created_at=created_at)
        let_clock_strike(petition)
        assert make_releases() == 0
    sign_hidden(petition, 10)
    let_clock_strike(petition)
    assert make_releases() == 1
    let_clock_strike(petition)
    assert make_releases() == 0
    assert [round(quiet / timedelta(hours=1)) for quiet in seen] == [0, 5, 0, 0]
    assert seen[3] > timedelta()


@pytest.mark.django_db(transaction=True)
def test_the_worker_makes_it_when_its_time_has_come_and_not_before(petition: Petition) -> None:
    sign_hidden(petition, 9)
    assert make_releases() == 0
    sign_hidden(petition, 1)
    # A release at once would tell when the tenth came.
    assert make_releases() == 0
    let_clock_strike(petition)
    assert make_releases() == 1
    sign_hidden(petition, 30)
    assert make_releases() == 0
    let_clock_strike(petition)
    assert make_releases() == 1
    assert list(Release.objects.order_by("number").values_list("number", "figures__count")) == [(1, 10), (2, 40)]


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_make_one_release(petition: Petition) -> None:
    sign_hidden(petition, 25)
    made: list[int] = []

    def work() -> None:
        try:
            made.append(make_releases())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(made) == 1
    assert Release.objects.get().figures["count"] == 25


@pytest.mark.django_db(transaction=True)
def test_what_is_confirmed_while_a_release_is_made_waits_for_the_next(petition: Petition) -> None:
    sign_hidden(petition, 20)
    ReleaseClock.objects.create(petition=petition)
    stop = threading.Event()

    def sign_on() -> None:
        try:
            while not stop.is_set():
                with transaction.atomic():
                    sign_hidden(petition, 1)
        finally:
            connection.close()

    thread = threading.Thread(target=sign_on)
    thread.start()
    try:
        for _ in range(30):
            let_clock_strike(petition)
            make_releases()
    finally:
        stop.set()
        thread.join(60)
    (last,) = Release.objects.order_by("-number")[:1]
    waiting = Movement.objects.count()
    assert last.figures["count"] + waiting == int(counted(petition)), "each is in a release or waits"
