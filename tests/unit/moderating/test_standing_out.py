"""What stands out among rows, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from signatures.models.choices import WaveKind
from signatures.moderating.standing_out import Finding, Row, find

NOW = datetime(2026, 11, 29, 18, tzinfo=UTC)
NUMBERS = count(1)


def rows(amount: int, ago: timedelta, *, is_past: bool = True, **traits: bytes | str) -> list[Row]:
    """Return rows of one time with something in common; without a domain, of large providers."""
    shared = {WaveKind[name.upper()]: value for name, value in traits.items()}
    return [Row(next(NUMBERS), NOW - ago, {WaveKind.COUNTRY: "PL", **shared}, is_past) for _ in range(amount)]


def found(*parts: list[Row], kind: WaveKind = WaveKind.DOMAIN) -> list[Finding]:
    """Return what is found of a kind, most striking first."""
    every = sorted((row for part in parts for row in part), key=lambda row: -row.pk)
    return [finding for finding in find(every, NOW) if finding.kind == kind]


MINUTES, HOUR, DAYS = timedelta(minutes=5), timedelta(minutes=40), timedelta(days=3)


@pytest.mark.parametrize(("amount", "is_told", "is_held"), [(9, False, False), (10, True, False), (30, True, True)])
def test_a_burst_of_a_domain_that_the_past_does_not_know(*, amount: int, is_told: bool, is_held: bool) -> None:
    told = found(rows(1000, DAYS), rows(amount, MINUTES, domain=b"new"))
    assert [(one.amount, one.is_held) for one in told] == ([(amount, is_held)] if is_told else [])


def test_a_provider_that_grows_as_the_crowd_does_is_none() -> None:
    before = [*rows(970, DAYS), *rows(30, DAYS, domain=b"regional")]
    assert not found(before, rows(5600, MINUTES), rows(350, MINUTES, domain=b"regional")), "twice its part"
    told = found(before, rows(5600, MINUTES), rows(900, MINUTES, domain=b"regional"))
    assert [(one.amount, round(one.expected)) for one in told] == [(900, 195)]


def test_where_nothing_came_before_a_tenth_is_no_wave() -> None:
    assert not found(rows(300, MINUTES), rows(30, MINUTES, domain=b"office"))
    assert [one.is_held for one in found(rows(200, MINUTES), rows(300, MINUTES, domain=b"fakes"))] == [True]


def test_a_few_who_came_before_excuse_no_flood() -> None:
    told = found(rows(3, DAYS), rows(40, MINUTES), rows(60, MINUTES, domain=b"fakes"))
    assert [one.is_held for one in told] == [True]


def test_what_was_held_is_no_past_by_which_more_could_be_expected() -> None:
    held = rows(500, DAYS, is_past=False, domain=b"fakes")
    assert found(rows(1000, DAYS), held, rows(30, MINUTES, domain=b"fakes"))[0].expected == 0


def test_five_domains_at_once_are_held_where_one_is_only_told() -> None:
    def some(number: int) -> list[list[Row]]:
        return [rows(12, MINUTES, domain=bytes([n])) for n in range(number)]

    assert [one.is_held for one in found(rows(1000, DAYS), *some(4))] == [False] * 4
    assert [one.is_held for one in found(rows(1000, DAYS), *some(5))] == [True] * 5


def test_ten_domains_at_once_are_held_though_each_has_only_a_few() -> None:
    def few(number: int, amount: int = 5) -> list[list[Row]]:
        return [rows(amount, MINUTES, domain=bytes([n])) for n in range(number)]

    past = rows(3000, DAYS)
    assert not found(past, *few(9))
    assert [one.is_held for one in found(past, *few(10))] == [True] * 10
    assert not found(past, *few(10, 3))


def test_a_wave_is_found_from_its_beginning() -> None:
    told = found(rows(1000, DAYS), rows(20, timedelta(hours=5), domain=b"new"), rows(40, MINUTES, domain=b"new"))
    assert [(one.amount, one.since, one.is_held) for one in told] == [(60, NOW - timedelta(hours=5), True)]


def test_of_a_country_only_the_past_says_what_is_usual() -> None:
    assert not found(rows(90, DAYS), rows(100, HOUR, country="BR"), kind=WaveKind.COUNTRY)
    told = found(rows(200, DAYS), rows(100, HOUR, country="BR"), kind=WaveKind.COUNTRY)
    assert [(one.value, one.is_held) for one in told] == [("BR", False)]


def test_what_stands_out_most_comes_first() -> None:
    told = found(
        rows(1000, DAYS),
        rows(50, MINUTES, domain=b"small"),
        rows(300, MINUTES, domain=b"large"),
        rows(20, MINUTES, name="one name"),
    )
    assert [one.value for one in told] == [b"large", b"small"]
