"""Releases over a whole campaign: no number in them, with or without the names, stands for one to nine people."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signatures.counting.figures import (
    FORMS,
    Figures,
    Truth,
    as_json,
    from_json,
    plan_release,
    text_cell,
)
from signatures.counting.rule_of_ten import Split
from tests.support.releases import is_quiet

PLACES = ("BY", "PL", "LT", "DE")


def campaigns() -> st.SearchStrategy[list[dict[tuple[str, bool], int]]]:
    """Generate campaigns: the changes of the numbers of public and hidden signers by country."""
    change = st.sampled_from([-12, -2, -1, 0, 1, 3, 8, 9, 10, 15, 40])
    people = st.tuples(st.sampled_from(PLACES), st.booleans())
    return st.lists(st.dictionaries(people, change), min_size=1, max_size=10)


@given(campaigns())
@settings(max_examples=400)
def test_no_release_reveals_a_few_hidden_people_by_its_public_names(steps: list[dict[tuple[str, bool], int]]) -> None:
    people: Counter[tuple[str, bool]] = Counter()
    shown: Counter[str] = Counter()
    figures = Figures()
    for step in steps:
        for key, change in step.items():
            people[key] = max(0, people[key] + change)
        # People who withdraw leave the list of names at once.
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
        # People who left the list after a number was published were still on it then.
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


def test_no_number_of_any_kind_is_published_below_ten() -> None:
    people = Counter({("BY", True): 5, ("PL", False): 4})
    plan = plan_release(Figures(), truth_of(people, Counter()))
    assert (plan.figures.count, plan.figures.countries, plan.figures.columns) == (0, Split(0), Figures().columns)
    assert plan.figures.named_in([1]) is None
    assert not plan.names
    dropped = plan_release(replace(Figures(), count=30, countries=Split(30)), truth_of(people, Counter()))
    assert dropped.figures.count == 0


def test_names_are_published_with_the_release_that_counts_them_if_the_rule_of_ten_allows() -> None:
    twenty = Counter({("BY", True): 10, ("PL", False): 10})
    plan = plan_release(Figures(), truth_of(twenty, Counter()))
    assert plan.names == {"BY": 10}
    assert plan.figures.count == 20
    # Ten more, one of them hidden: the nine names would reveal that one.
    more = Counter({("BY", True): 19, ("PL", False): 11})
    plan = plan_release(plan.figures, truth_of(more, Counter({"BY": 10})))
    assert plan.figures.count == 30
    assert not plan.names


def test_the_parts_of_the_count_are_published_once_each_has_ten() -> None:
    def truth(confirmed: int, removed: int) -> Truth:
        count = confirmed - removed
        people = Counter({("BY", False): count})
        return replace(truth_of(people, Counter()), columns={"confirmed": confirmed, "removed": -removed})

    first = plan_release(Figures(), truth(100, 3)).figures
    # A hundred confirmed and ninety-seven counted would reveal three who were removed.
    assert (first.columns.cells, first.columns.rest) == ({}, 97)
    second = plan_release(first, truth(120, 12)).figures
    assert (second.columns.cells, second.columns.rest) == ({"confirmed": 120, "removed": -12}, 0)


def test_withdrawals_are_published_from_ten_people_on_and_otherwise_deducted_for_good() -> None:
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


def test_forms_and_changes_are_published_in_tens() -> None:
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


@pytest.mark.parametrize("elsewhere", [0, 12])
def test_a_name_that_left_the_list_does_not_reveal_whether_its_owner_is_still_counted(elsewhere: int) -> None:
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
        # If the rest is empty, each cell is current.
        assert cells.rest or all(is_quiet(amount - names[name]) for name, amount in cells.cells.items())


def test_recipients_and_texts_get_only_numbers_whose_cells_are_all_published() -> None:
    def texts(*amounts: int) -> dict[str, int]:
        cells = [text_cell(number, is_named=is_named) for number in (1, 2) for is_named in (True, False)]
        return {cell: amount for cell, amount in zip(cells, amounts, strict=True) if amount}

    def figures(*amounts: int, before: Figures | None = None) -> Figures:
        people = Counter({("BY", False): sum(amounts)})
        return plan_release(before or Figures(), replace(truth_of(people, Counter()), texts=texts(*amounts))).figures

    # With two recipients, one of whom gets the names of both texts, the difference would be three.
    few = figures(3, 30, 60, 27)
    assert (few.named_in([1, 2]), few.of_text(1)) == (None, None)
    # Their difference, minus the number published for the first text, would be two who signed the second without name.
    few = figures(20, 20, 60, 2)
    assert few.of_text(2) is None
    all_told = figures(20, 20, 60, 15)
    assert (all_told.named_in([1, 2]), all_told.named_in([2])) == (80, 60)
    assert (all_told.of_text(1), all_told.of_text(2)) == (40, 75)
    assert (figures(0, 0, 60, 15).named_in([1]), figures(0, 0, 60, 15).of_text(1)) == (0, 0)


def test_a_recipient_does_not_learn_that_a_single_signer_stays_unnamed() -> None:
    people = Counter({("BY", True): 30, ("PL", False): 1})
    figures = plan_release(Figures(), truth_of(people, Counter())).figures
    assert figures.named_in([1]) is None


def test_a_recipient_does_not_learn_of_a_few_people_besides_the_public_names() -> None:
    everybody = truth_of(Counter({("BY", True): 20, ("BY", False): 20}), Counter())
    # Three more show their names to the recipient only.
    with_name, without_name = text_cell(1, is_named=True), text_cell(1, is_named=False)
    few = plan_release(Figures(), replace(everybody, texts={with_name: 23, without_name: 17}))
    assert few.names == {"BY": 20}
    assert few.figures.named_in([1]) is None
    ten = plan_release(Figures(), replace(everybody, texts={with_name: 30, without_name: 10}))
    assert ten.figures.named_in([1]) == 30


def test_the_number_of_named_signers_is_safe_beside_the_current_public_names() -> None:
    people = Counter({("LT", True): 1, ("PL", False): 10})
    first = plan_release(Figures(), replace(truth_of(people, Counter()), countries={"LT": 11}))
    assert (first.figures.count, first.names) == (11, {"LT": 1})
    # That name has left the list. Of eleven others with a name ten are public, which would reveal that one is not.
    truth = replace(
        truth_of(Counter({("LT", True): 10, ("PL", False): 6}), Counter()),
        countries={"LT": 16},
        texts={text_cell(1, is_named=True): 11, text_cell(1, is_named=False): 5},
        pending={"LT": 10},
    )
    second = plan_release(first.figures, truth)
    named = second.figures.named_in([1])
    assert named is None or is_quiet(named - sum(second.names.values()))
    assert from_json(as_json(second.figures)) == second.figures
