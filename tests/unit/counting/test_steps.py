"""Numbers that are published again and again: no number and no difference stands for one to nine people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signatures.counting.figures import (
    FORMS,
    OTHERS,
    Figures,
    Truth,
    as_json,
    from_json,
    plan_release,
    published_cells,
    text_cell,
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
        texts={
            text_cell(1, is_named=is_named): sum(people[place, is_named] for place in PLACES)
            for is_named in (False, True)
        },
        columns={"confirmed": count},
        withdrawn=0,
        changed=0,
        reasons={},
        forms=dict.fromkeys(FORMS, count),
        shown=dict(shown),
        pending={place: people[place, True] - shown[place] for place in PLACES if people[place, True] > shown[place]},
    )


def test_fewer_than_ten_are_told_as_none_of_any_kind() -> None:
    people = Counter({("BY", True): 5, ("PL", False): 4})
    plan = plan_release(Figures(), truth_of(people, Counter()))
    assert (plan.figures.count, plan.figures.countries, plan.figures.columns) == (0, Split(0), Figures().columns)
    assert plan.figures.named_in([1]) is None
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
    def truth(confirmed: int, removed: int) -> Truth:
        count = confirmed - removed
        people = Counter({("BY", False): count})
        return replace(truth_of(people, Counter()), columns={"confirmed": confirmed, "removed": -removed})

    first = plan_release(Figures(), truth(100, 3)).figures
    # A hundred confirmed and ninety-seven counted would be three who were removed.
    assert (first.columns.cells, first.columns.rest) == ({}, 97)
    second = plan_release(first, truth(120, 12)).figures
    assert (second.columns.cells, second.columns.rest) == ({"confirmed": 120, "removed": -12}, 0)


def test_who_withdrew_is_told_apart_where_ten_people_did_and_else_taken_off_for_good() -> None:
    def truth(confirmed: int, withdrawn: int, people: int) -> Truth:
        columns = {"confirmed": confirmed, "withdrawn": -withdrawn}
        everybody = Counter({("BY", False): confirmed - withdrawn})
        return replace(truth_of(everybody, Counter()), columns=columns, withdrawn=people)

    # One of them did it twelve times.
    first = plan_release(Figures(), truth(112, 15, 4)).figures
    assert (first.columns.cells, first.columns.rest) == ({"confirmed": 97}, 0)
    second = plan_release(first, truth(150, 28, 13)).figures
    assert second.columns.cells == {"confirmed": 135, "withdrawn": -13}
    third = plan_release(second, truth(190, 37, 9)).figures
    assert third.columns.cells == {"confirmed": 166, "withdrawn": -13}
    # Some of the people had been removed before, and are told of as that.
    again = plan_release(Figures(), truth(150, 12, 14)).figures
    assert again.columns.cells == {"confirmed": 150, "withdrawn": -12}


def test_forms_and_changes_are_told_in_tens() -> None:
    people = Counter({("BY", False): 20})
    first = plan_release(
        Figures(), replace(truth_of(people, Counter()), changed=10, forms={"submitted": 9, "expired": 0})
    )
    assert first.figures.flows == {"submitted": 0, "expired": 0, "changed": 10}
    forms = {"submitted": 21, "expired": 11}
    more = replace(truth_of(Counter({("BY", False): 30}), Counter()), changed=9, forms=forms)
    second = plan_release(first.figures, more)
    assert second.figures.flows == {"submitted": 21, "expired": 11, "changed": 10}, "nine are never told"
    third = plan_release(second.figures, replace(more, changed=3, forms={"submitted": 30, "expired": 21}))
    assert third.figures.flows == {"submitted": 21, "expired": 21, "changed": 10}


def test_a_rest_that_comes_back_does_not_tell_of_a_few_people_since_it_left() -> None:
    gone = Split(30, {}, {"": 10, "BY": 20})
    assert not may_follow(gone, Split(45, {"BY": 30}, {}))
    assert may_follow(gone, Split(50, {"BY": 30}, {}))


def test_a_rest_does_not_tell_of_a_few_people_together_with_a_cell_that_became_part_of_it() -> None:
    before = Split(80, {"BY": 20, "LT": 20, "PL": 20})
    assert not may_follow(before, Split(105, {"BY": 30, "LT": 30}))
    assert may_follow(before, Split(110, {"BY": 30, "LT": 30}))
    # Nor where five names came to be shown among them, of whom nobody knows whether these are the five.
    with_names = replace(before, known={"DE": 10}, seen={"DE": 10})
    assert not may_follow(with_names, Split(105, {"BY": 30, "LT": 30}, {}, {"DE": 15}, {"DE": 15}))


def test_a_cell_that_stays_goes_on_to_be_told_though_names_have_left_it() -> None:
    before = Split(60, {"BY": 30, "PL": 30}, {}, {"BY": 20}, {"BY": 20})
    step = next_step(before, 75, {"BY": 30, "PL": 45}, {"BY": 15})
    assert step is not None
    assert step.split.cells == {"BY": 30, "PL": 45}


def test_a_rest_that_moved_is_told_beside_the_names_of_now() -> None:
    before = Split(60, {"BY": 30}, {}, {"DE": 20}, {"DE": 20})
    # Twenty less the fifteen names that are left would be five.
    step = next_step(before, 70, {"BY": 50, "DE": 20}, {"DE": 15})
    assert step is not None
    assert not step.split.cells or is_quiet(step.split.rest - 15)


@pytest.mark.parametrize("elsewhere", [0, 12])
def test_a_name_that_left_the_list_does_not_tell_whether_its_owner_is_still_counted(elsewhere: int) -> None:
    """Xenia is one of twenty public signers of a country; ten others are of another one, where twelve more sign."""
    people = Counter({("LT", True): 20, ("PL", True): 10, ("DE", False): elsewhere})
    plan = plan_release(Figures(), truth_of(people, Counter()))
    assert plan.names == {"LT": 20, "PL": 10}
    shown = Counter({"LT": 19, "PL": 10})
    for is_hidden in (1, 0):
        later = people + Counter({("PL", True): 12, ("LT", False): is_hidden}) - Counter({("LT", True): 1})
        after = plan_release(plan.figures, truth_of(later, shown))
        names = shown + Counter(after.names)
        before_hidden = plan.figures.count - 30
        hidden = after.figures.count - names.total()
        if after.figures.count != plan.figures.count:
            assert is_quiet(hidden)
            assert is_quiet(hidden - before_hidden)
        cells = after.figures.countries
        # Where nothing is in the rest, each cell is of now.
        assert cells.rest or all(is_quiet(amount - names[name]) for name, amount in cells.cells.items())


def test_the_same_number_of_other_people_is_not_taken_for_the_one_before() -> None:
    step = next_step(Split(14, {}, {}, {"PL": 4}, {"PL": 4}), 24, {"PL": 14, "BY": 10}, {"PL": 2}, {"PL": 10, "BY": 10})
    assert step is not None
    if "PL" in step.split.cells:
        assert is_quiet(step.split.cells["PL"] - 2 - step.names.get("PL", 0))


def test_recipients_and_texts_are_told_of_cells_that_are_all_told() -> None:
    def texts(*amounts: int) -> dict[str, int]:
        cells = [text_cell(number, is_named=is_named) for number in (1, 2) for is_named in (True, False)]
        return {cell: amount for cell, amount in zip(cells, amounts, strict=True) if amount}

    def figures(*amounts: int, before: Figures | None = None) -> Figures:
        people = Counter({("BY", False): sum(amounts)})
        return plan_release(before or Figures(), replace(truth_of(people, Counter()), texts=texts(*amounts))).figures

    # Of two recipients, of whom one is given the names of both texts, the difference would be three.
    few = figures(3, 30, 60, 27)
    assert (few.named_in([1, 2]), few.of_text(1)) == (None, None)
    # One less the other, and less what is told of the first text, would be two who signed the second without a name.
    few = figures(20, 20, 60, 2)
    assert few.of_text(2) is None
    all_told = figures(20, 20, 60, 15)
    assert (all_told.named_in([1, 2]), all_told.named_in([2])) == (80, 60)
    assert (all_told.of_text(1), all_told.of_text(2)) == (40, 75)
    assert (figures(0, 0, 60, 15).named_in([1]), figures(0, 0, 60, 15).of_text(1)) == (0, 0)


def test_a_recipient_is_not_told_that_one_of_all_stays_unnamed() -> None:
    people = Counter({("BY", True): 30, ("PL", False): 1})
    figures = plan_release(Figures(), truth_of(people, Counter())).figures
    assert figures.named_in([1]) is None


def test_a_recipient_is_not_told_of_a_few_people_beside_the_names_that_everyone_may_read() -> None:
    everybody = truth_of(Counter({("BY", True): 20, ("BY", False): 20}), Counter())
    # Three more let the recipient read their names, and nobody else.
    with_name, without_name = text_cell(1, is_named=True), text_cell(1, is_named=False)
    few = plan_release(Figures(), replace(everybody, texts={with_name: 23, without_name: 17}))
    assert few.names == {"BY": 20}
    assert few.figures.named_in([1]) is None
    ten = plan_release(Figures(), replace(everybody, texts={with_name: 30, without_name: 10}))
    assert ten.figures.named_in([1]) == 30
