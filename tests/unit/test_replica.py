"""When a copy of the database is believed, and which reads go to it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connections
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver

from petition_site import replica_pages
from petition_site.replica_pages import PAGES, ReplicaMiddleware
from signatures import replica
from signatures.models import Petition
from signatures.models.switch import SwitchName
from signatures.replica import (
    LAG_SECONDS_MAX,
    REPLICA,
    Look,
    Place,
    Primary,
    ReplicaRouter,
    Sample,
    reading_from_replica,
)
from signatures.safeguarding.switches import mark

# Answered by whatever the primary says: after something was written, with a code or a token, or not from the database.
FROM_PRIMARY = {
    "accessibility",
    "confirm",
    "confirm_entry",
    "confirm_news",
    "first_list_page",
    "live",
    "logo",
    "metrics",
    "mirrors",
    "mirrors_key",
    "mirrors_signature",
    "my_signature",
    "my_signature_request",
    "no_alerts",
    "news_by_mail",
    "no_mail",
    "no_news",
    "qr",
    "ready",
    "robots",
    "sent",
    "thanks",
}


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """Yield the names of all addresses but those of the desk."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield str(pattern.name)
        elif pattern.namespace != "admin":
            yield from names(pattern.url_patterns)


def test_every_public_address_is_either_read_from_a_copy_or_kept_at_the_primary() -> None:
    assert set(names(get_resolver().url_patterns)) == PAGES | FROM_PRIMARY
    assert not PAGES & FROM_PRIMARY


@pytest.mark.parametrize(
    ("place", "is_there"),
    [
        (Place(1, 5, 1, 100), True),
        (Place(1, 5, 1, 101), True),
        (Place(1, 5, 1, 99), False),
        # Of another cluster, another database of this one, after a promotion, or no copy any more.
        (Place(2, 5, 1, 101), False),
        (Place(1, 6, 1, 101), False),
        (Place(1, 5, 2, 101), False),
        (Place(1, 5, 1, None), False),
    ],
)
def test_a_copy_has_what_the_primary_had_if_it_is_as_far_on_the_same_timeline(place: Place, is_there: bool) -> None:
    assert place.has(Place(1, 5, 1, 100)) is is_there


def test_a_copy_is_as_old_as_the_newest_place_of_the_primary_that_it_has() -> None:
    primary, now = Primary(), time.monotonic()
    for position, age in ((10, 4), (20, 2), (30, 1)):
        primary.samples.append(Sample(Place(1, 5, 1, position), now - age, 0.0))
    assert primary.age_of(Place(1, 5, 1, 30)) == pytest.approx(1, abs=0.5)
    assert primary.age_of(Place(1, 5, 1, 29)) == pytest.approx(2, abs=0.5)
    assert primary.age_of(Place(1, 5, 1, 9)) is None


def test_a_clock_is_early_only_if_it_is_more_than_a_second_ahead_of_the_primarys() -> None:
    primary = Primary()
    assert not primary.is_early(1000.0)
    primary.samples.append(Sample(Place(1, 5, 1, 10), time.monotonic() - 3, 100.0))
    assert not primary.is_early(103.5)
    assert not primary.is_early(50.0)
    assert primary.is_early(105.0)


@pytest.mark.parametrize(("ahead", "is_read"), [(0.0, True), (-60.0, True), (2.0, False)])
def test_a_copy_whose_clock_is_ahead_is_not_read_from_since_it_would_show_scheduled_news_too_early(
    monkeypatch: pytest.MonkeyPatch, ahead: float, is_read: bool
) -> None:
    primary, place = Primary(), Place(1, 5, 1, 10)
    primary.samples.append(Sample(place, time.monotonic(), 100.0))
    monkeypatch.setattr(replica, "primary", primary)
    monkeypatch.setattr(replica, "_look_at_replica", lambda: Look(place, 100.0 + ahead))
    assert (replica.lag_seconds() is not None) is is_read


def test_what_is_written_goes_to_the_primary_and_rows_are_not_read_where_they_came_from() -> None:
    router = ReplicaRouter()
    row = Petition()
    row._state.db = REPLICA
    assert router.db_for_read(Petition, instance=row) == "default"
    with reading_from_replica():
        assert router.db_for_read(Petition, instance=row) == REPLICA
        assert router.db_for_write(Petition, instance=row) == "default"
    assert router.db_for_read(Petition) == "default"
    assert not router.allow_migrate(REPLICA, "signatures")


def asked(name: str, method: str = "GET") -> HttpRequest:
    """Return a request for the page of a name."""
    request = RequestFactory().generic(method, "/")
    request.resolver_match = ResolverMatch(lambda: None, (), {}, url_name=name)
    return request


def made(request: HttpRequest, *, fails: Exception | None = None) -> bool:
    """Return whether the middleware has the page made from the copy."""

    def view(request: HttpRequest) -> HttpResponse:
        assert ReplicaRouter().db_for_read(Petition) == REPLICA
        if fails:
            raise fails
        return HttpResponse()

    return ReplicaMiddleware(lambda _: HttpResponse()).process_view(request, view, (), {}) is not None


@pytest.fixture
def recent_copy(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a copy be recent, and return a list of what is done about it."""
    done: list[str] = []
    monkeypatch.setattr(replica_pages, "is_replica_recent", lambda: True)
    monkeypatch.setattr(replica_pages, "leave_replica_alone", lambda: done.append("left alone"))
    return done


def test_public_pages_are_made_from_a_recent_copy_and_nothing_else_is(recent_copy: list[str]) -> None:
    assert made(asked("signers"))
    assert not made(asked("signers", "POST"))
    assert not made(asked("my_signature"))
    assert not made(asked("ready"))


@pytest.mark.parametrize(("error", "done"), [(OperationalError("gone"), ["left alone"]), (Http404(), [])])
def test_whatever_goes_wrong_at_the_copy_the_primary_is_asked(
    recent_copy: list[str], error: Exception, done: list[str]
) -> None:
    assert not made(asked("signers"), fails=error)
    assert recent_copy == done
    assert ReplicaRouter().db_for_read(Petition) == "default"


@pytest.mark.parametrize("name", list(SwitchName))
def test_while_a_switch_is_on_pages_are_made_from_the_primary(recent_copy: list[str], name: SwitchName) -> None:
    request = asked("signers")
    mark(request, frozenset({name}))
    assert not made(request)
    assert not recent_copy


def test_without_a_copy_in_the_settings_nothing_is_asked() -> None:
    assert REPLICA not in connections.databases
    assert not replica.is_replica_recent()
    assert not replica.replica_warnings()


def test_samples_that_are_too_old_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    primary = Primary()
    primary.samples.append(Sample(Place(1, 5, 1, 10), time.monotonic() - LAG_SECONDS_MAX - 1, 0.0))
    monkeypatch.setattr(replica, "_look", lambda *_: Look(Place(1, 5, 1, 20), 0.0))
    primary.sample()
    assert [sample.place.position for sample in primary.samples] == [20]
    # Asked just now: not asked again.
    primary.sample()
    assert len(primary.samples) == 1
