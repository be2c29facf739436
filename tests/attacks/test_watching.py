"""Somebody reads every published number for weeks, and holds a mailbox: what single people did is not learned."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.attacks.release_observer import (
    COUNTRIES,
    Campaign,
    Publication,
    Releases,
    Signer,
    exact,
    learned_from_count,
    learned_from_ledger,
    learned_from_names,
    learned_from_splits,
)

PEOPLE = 60
X = 1000
ATTACKS: dict[str, Callable[[Publication, Publication], int]] = {
    "reading the count": learned_from_count,
    "reading the splits": learned_from_splits,
    "taking off public names": learned_from_names,
    "reading the ledger": learned_from_ledger,
}


def deeds() -> st.SearchStrategy[list[list[tuple[int, Signer | None]]]]:
    """Return campaigns: what people do from one look of the watcher to the next; nothing stands for withdrawing."""
    signers = st.builds(Signer, st.sampled_from(COUNTRIES), st.sampled_from(("en", "ru")), st.booleans())
    deed = st.tuples(st.integers(0, PEOPLE), st.one_of(st.none(), signers, signers, signers))
    return st.lists(st.lists(deed, max_size=40), min_size=2, max_size=8)


@given(deeds())
@settings(max_examples=300)
def test_no_attack_learns_anything_of_a_few_people(campaign: list[list[tuple[int, Signer | None]]]) -> None:
    state, releases = Campaign(), Releases()
    before = releases.publish(state)
    for step in campaign:
        for person, signer in step:
            if signer is None:
                state.leave(person)
            else:
                state.enter(person, signer)
        after = releases.publish(state)
        for name, learned in ATTACKS.items():
            assert learned(before, after) == 0, name
        before = after


@given(deeds(), st.lists(st.lists(st.tuples(st.integers(0, PEOPLE), st.booleans()), max_size=40), max_size=8))
@settings(max_examples=300)
def test_no_attack_learns_anything_where_names_are_looked_at_first(
    campaign: list[list[tuple[int, Signer | None]]], reviews: list[list[tuple[int, bool]]]
) -> None:
    state, releases = Campaign(is_reviewed=True), Releases()
    before = releases.publish(state)
    for number, step in enumerate(campaign):
        for person, signer in step:
            state.leave(person) if signer is None else state.enter(person, signer)
        for person, is_allowed in reviews[number] if number < len(reviews) else ():
            state.review(person, is_allowed=is_allowed)
        after = releases.publish(state)
        for name, learned in ATTACKS.items():
            assert learned(before, after) == 0, name
        before = after


@pytest.mark.parametrize("deed", ["sign", "withdraw"])
def test_the_owner_of_a_mailbox_does_not_see_what_one_person_did(
    deed: str, record_property: Callable[[str, object], None]
) -> None:
    right: Counter[str] = Counter()
    tries = 200
    for number in range(tries):
        chance = random.Random(number)  # noqa: S311 - a simulation
        state, releases = _crowd(chance, 40), Releases()
        if deed == "withdraw":
            state.enter(X, Signer("BY", "ru", is_public=False))
        before = exact(state), releases.publish(state)
        happened = chance.random() < 0.5
        if happened:
            state.leave(X) if deed == "withdraw" else state.enter(X, Signer("BY", "ru", is_public=False))
        after = exact(state), releases.publish(state)
        right["exact"] += (before[0] != after[0]) == happened
        right["released"] += before[1] == after[1]
    record_property("figures", f"{deed}: exact numbers {right['exact']} of {tries} right, releases change in none")
    assert right["exact"] == tries, "the attack works on exact numbers"
    assert right["released"] == tries, "and sees no difference on releases"


def test_a_watcher_learns_nothing_in_a_hundred_days(record_property: Callable[[str, object], None]) -> None:
    learned = {"exact": Counter[str](), "released": Counter[str]()}
    for number in range(40):
        chance = random.Random(number)  # noqa: S311 - a simulation
        state, releases = Campaign(), Releases()
        before = exact(state), releases.publish(state)
        for _day in range(100):
            for _ in range(chance.choice((0, 1, 2, 3, 8, 30))):
                person = chance.randrange(2000)
                if chance.random() < 0.15:
                    state.leave(person)
                else:
                    state.enter(person, _signer(chance))
            after = exact(state), releases.publish(state)
            for place, way in enumerate(learned):
                for name, attack in ATTACKS.items():
                    learned[way][name] += attack(before[place], after[place])
            before = after
    for name in ATTACKS:
        figures = f"{name}: {learned['exact'][name]} numbers told of a few people, now {learned['released'][name]}"
        record_property("figures", figures)
        assert learned["exact"][name] > 50, "the attack works on exact numbers"
        assert learned["released"][name] == 0


@pytest.mark.parametrize(("others", "most"), [(0, 1.0), (1, 0.85), (3, 0.65), (10, 0.6)])
def test_the_price_of_asking_whether_one_person_moved_is_nine_mailboxes_in_a_quiet_moment(
    others: int, most: float, record_property: Callable[[str, object], None]
) -> None:
    """Nine signatures of one's own and no one else's: then a release says that somebody moved.

    :param others: how many others move on average between two releases
    """
    tries, right = 400, 0
    for number in range(tries):
        chance = random.Random(number)  # noqa: S311 - a simulation
        state, releases = _crowd(chance, 60), Releases()
        before = releases.publish(state)
        moved = chance.random() < 0.5
        for own in range(9):
            state.enter(2000 + own, Signer("DE", "en", is_public=False))
        for other in range(_poisson(chance, others)):
            state.enter(3000 + other, _signer(chance))
        if moved:
            state.enter(X, Signer("BY", "ru", is_public=False))
        right += (releases.publish(state) != before) == moved
    record_property("figures", f"{others} others: right in {right} of {tries}")
    assert right / tries <= most


def _crowd(chance: random.Random, amount: int) -> Campaign:
    state = Campaign()
    for person in range(amount):
        state.enter(person, _signer(chance))
    return state


def _signer(chance: random.Random) -> Signer:
    return Signer(chance.choice(COUNTRIES), chance.choice(("en", "ru")), chance.random() < 0.3)


def _poisson(chance: random.Random, mean: float) -> int:
    amount, time = 0, chance.expovariate(1)
    while time < mean:
        amount, time = amount + 1, time + chance.expovariate(1)
    return amount
