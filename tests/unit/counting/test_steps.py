"""Numbers that are published again and again: no number and no difference stands for one to nine people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from signatures.counting.figures import (
    FLOWS,
    NAMED,
    OTHERS,
    Figures,
    Truth,
    as_json,
    from_json,
    plan_release,
    published_cells,
)
from signatures.counting.steps import Split, may_follow, next_step

PLACES = ("BY", "PL", "LT", "DE")
FIRST = Split(0)


def is_quiet(number: int) -> bool:
    return number == 0 or abs(number) >= 10


def followed(before: Split, total: int, truth: Mapping[str, int]) -> Split:
    """Return what follows where there are no names; something always may."""
    step = next_step(before, total, truth)
    assert step is not None
    return step.split


def changes() -> st.SearchStrategy[list[dict[str, int]]]:
    """Return campaigns: by how many each country grows or shrinks from one look to the next."""
    change = st.sampled_from([-14, -9, -3, -1, 0, 0, 1, 2, 5, 9, 10, 11, 27, 60])
    return st.lists(st.dictionaries(st.sampled_from(PLACES), change), min_size=1, max_size=12)


def test_a_cell_is_told_from_ten_on_and_the_rest_too() -> None:
    split = followed(FIRST, 40, {"BY": 21, "PL": 10, "LT": 9})
    # The rest would stand for nine.
    assert published_cells(split) == {"BY": 21, OTHERS: 19}
    assert published_cells(followed(FIRST, 41, {"BY": 21, "PL": 10, "LT": 10})) == {
        "BY": 21,
        "LT": 10,
        "PL": 10,
    }


def test_a_cell_stays_until_ten_have_come_or_gone_and_the_rest_takes_them() -> None:
    before = Split(40, {"BY": 20, "PL": 20})
    after = followed(before, 50, {"BY": 25, "PL": 25})
    assert (after.cells, after.rest) == ({"BY": 20, "PL": 20}, 10)
    later = followed(after, 60, {"BY": 30, "PL": 30})
    assert (later.cells, later.rest) == ({"BY": 30, "PL": 30}, 0)


def test_a_cell_that_came_back_does_not_tell_of_a_few_people_since_it_left() -> None:
    gone = Split(30, {}, {"BY": 20})
    again = followed(gone, 40, {"BY": 23, "PL": 17})
    assert "BY" not in again.cells
    assert may_follow(gone, again)


def test_nobody_is_left_over_when_public_names_are_taken_off() -> None:
    step = next_step(FIRST, 40, {"BY": 20, "PL": 20}, {}, {"BY": 19, "PL": 20})
    assert step is not None
    # Twenty less nineteen names would be one who is hidden.
    assert step.names == {"BY": 10, "PL": 20}
    later = next_step(step.split, 51, {"BY": 31, "PL": 20}, {"BY": 10, "PL": 20}, {"BY": 11})
    assert later is not None
    assert later.names == {"BY": 11}


@given(changes())
@settings(max_examples=400)
@example([{"BY": 60}, {"BY": -14, "PL": 10}, {"PL": -9}, {"BY": -14, "LT": 10}])
def test_no_cell_rest_or_complement_ever_changes_by_a_few(steps: list[dict[str, int]]) -> None:
    truth: Counter[str] = Counter()
    before = FIRST
    for step in steps:
        for place, change in step.items():
            truth[place] = max(0, truth[place] + change)
        total = truth.total() if truth.total() >= 10 else 0
        if not is_quiet(total - before.total):
            continue
        after = followed(before, total, truth)
        cells = published_cells(after)
        assert all(amount >= 10 for amount in cells.values())
        assert not cells or sum(cells.values()) == total
        if after.cells:
            stayed = before.cells.keys() & after.cells.keys()
            together = sum(after.cells[name] - before.cells[name] for name in stayed)
            assert is_quiet(total - before.total - together), "the rest and what became part of it"
        if before.cells and after.cells:
            old = published_cells(before)
            for name in cells:
                difference = cells.get(name, 0) - old.get(name, 0)
                assert is_quiet(difference), name
                if name != OTHERS and name in old and difference:
                    assert is_quiet(total - before.total - difference), f"complement of {name}"
        before = after


def campaigns() -> st.SearchStrategy[list[dict[tuple[str, bool], int]]]:
    """Return campaigns: by how many the public and the hidden signers of each country grow or shrink."""
    change = st.sampled_from([-12, -2, -1, 0, 1, 3, 8, 9, 10, 15, 40])
    people = st.tuples(st.sampled_from(PLACES), st.booleans())
    return st.lists(st.dictionaries(people, change), min_size=1, max_size=10)


@given(campaigns())
@settings(max_examples=400)
def test_no_release_tells_of_a_few_hidden_people_by_its_public_names(steps: list[dict[tuple[str, bool], int]]) -> None:
    people: Counter[tuple[str, bool]] = Counter()
    shown: Counter[str] = Counter()
    figures = Figures()
    for step in steps:
        for key, change in step.items():
            people[key] = max(0, people[key] + change)
        # Who withdraws leaves the list of names at once.
        for place in PLACES:
            shown[place] = min(shown[place], people[place, True])
        truth = truth_of(people, shown)
        plan = plan_release(figures, truth)
        if plan.figures == figures and not plan.names:
            continue
        before, figures = figures, plan.figures
        shown.update(plan.names)
        assert figures.count in {truth.count, before.count, 0}
        assert is_quiet(figures.count)
        assert is_quiet(figures.count - before.count)
        # Who left the list since a number was published was still there when it was.
        names = Counter(figures.countries.known)
        assert all(names[place] >= shown[place] for place in PLACES)
        hidden = figures.count - names.total()
        assert hidden >= 0
        assert is_quiet(hidden)
        assert is_quiet(hidden - before.count + sum(before.countries.known.values()))
        cells = figures.countries.cells
        for place, amount in cells.items():
            assert amount - names[place] >= 0
            assert is_quiet(amount - names[place])
            if place in before.countries.cells:
                assert is_quiet(figures.countries.hidden(place) - before.countries.hidden(place))
        assert from_json(as_json(figures)) == figures


def truth_of(people: Counter[tuple[str, bool]], shown: Counter[str]) -> Truth:
    """Return the exact numbers of a campaign of one language and one text."""
    countries = {place: people[place, True] + people[place, False] for place in PLACES}
    count = sum(countries.values())
    return Truth(
        count=count,
        countries=countries,
        languages={"en": count},
        versions={"1": count},
        named={"7": sum(people[place, True] for place in PLACES)},
        columns={"confirmed": count},
        reasons={},
        flows=dict.fromkeys(FLOWS, count),
        shown=dict(shown),
        pending={place: people[place, True] - shown[place] for place in PLACES if people[place, True] > shown[place]},
    )


def test_fewer_than_ten_are_told_as_none_of_any_kind() -> None:
    people = Counter({("BY", True): 5, ("PL", False): 4})
    plan = plan_release(Figures(), truth_of(people, Counter()))
    assert (plan.figures.count, plan.figures.countries, plan.figures.columns) == (0, Split(0), Figures().columns)
    assert not plan.figures.named["7"].cells
    assert not plan.names
    dropped = plan_release(replace(Figures(), count=30, countries=Split(30)), truth_of(people, Counter()))
    assert dropped.figures.count == 0


def test_names_that_may_be_told_apart_are_shown_with_the_release_that_counts_them() -> None:
    twenty = Counter({("BY", True): 10, ("PL", False): 10})
    plan = plan_release(Figures(), truth_of(twenty, Counter()))
    assert plan.names == {"BY": 10}
    assert plan.figures.count == 20
    # Ten more, one of them hidden: the nine names would tell that there is one.
    more = Counter({("BY", True): 19, ("PL", False): 11})
    plan = plan_release(plan.figures, truth_of(more, Counter({"BY": 10})))
    assert plan.figures.count == 30
    assert not plan.names


def test_what_the_count_is_made_of_is_told_apart_once_each_kind_has_ten() -> None:
    def truth(confirmed: int, withdrawn: int) -> Truth:
        count = confirmed - withdrawn
        people = Counter({("BY", False): count})
        columns = {"confirmed": confirmed, "withdrawn": -withdrawn}
        return replace(truth_of(people, Counter()), columns=columns)

    first = plan_release(Figures(), truth(100, 3)).figures
    # A hundred confirmed and ninety-seven counted would be three who withdrew.
    assert (first.columns.cells, first.columns.rest) == ({}, 97)
    second = plan_release(first, truth(120, 12)).figures
    assert (second.columns.cells, second.columns.rest) == ({"confirmed": 120, "withdrawn": -12}, 0)


def test_a_recipient_is_not_told_that_one_of_all_stays_unnamed() -> None:
    people = Counter({("BY", True): 30, ("PL", False): 1})
    figures = plan_release(Figures(), truth_of(people, Counter())).figures
    assert NAMED not in figures.named["7"].cells
