"""What is typed from paper obeys the rules of what is typed on the site."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signatures.collecting.forms import SheetForm
from signatures.collecting.rows import TypedRow, differences, settled
from signatures.models.choices import Visibility
from signatures.signing.forms import SignForm
from tests.support.sheets import ROWS, Typed, sheet_form

NAMES = st.text() | st.text(st.sampled_from("Аа́\u200d\u202e\0 \t\nИ­'’"), max_size=200) | st.text(min_size=100)


def typed(rows: list[Typed], **values: str) -> SheetForm:
    """Return the form of a sheet of twelve rows, filled in."""
    return SheetForm(sheet_form(rows, **values), lines=12)


def name_on_the_site(name: str, visibility: str) -> str | None:
    """Return what the site's form makes of a name; an empty one if it takes none."""
    form = SignForm(
        {"visibility": visibility, "name": name, "email": "a@example.org", "country": "PL", "consent": "on"},
        asks_city=False,
    )
    form.full_clean()
    return "" if "name" in form.errors else form.cleaned_data["name"]


@given(NAMES, st.sampled_from(Visibility.values))
@example("Алесь\0 Пушкін", "PUBLIC")
@example("x" * 121, "DELIVERED")
@example("123", "PUBLIC")
@example("", "PUBLIC")
def test_a_typed_name_obeys_the_rules_of_every_other(name: str, visibility: str) -> None:
    form = typed([(visibility, name, "PL")])
    expected = name_on_the_site(name, visibility)
    assert form.is_valid() is (expected != "")
    assert form.typed == ([] if expected == "" else [TypedRow(1, visibility, expected, "PL")])


def test_rows_keep_their_lines_and_an_empty_country_is_that_of_the_row_above() -> None:
    form = typed([*ROWS, ("", "", ""), ("COUNTED", "Not kept", "")], filled="4")
    assert form.is_valid(), form.errors
    assert form.typed == [
        TypedRow(1, "PUBLIC", "Алесь Пушкін", "BY"),
        TypedRow(2, "DELIVERED", "Ala Sakałoŭskaja", "BY"),
        TypedRow(3, "COUNTED", None, "PL"),
        TypedRow(5, "COUNTED", None, "PL"),
    ]


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        (ROWS, {"filled": "4"}),
        (ROWS, {"filled": ""}),
        ([], {"filled": "1"}),
        ([("", "Somebody", "PL")], {}),
        ([("PUBLIC", "", "PL")], {}),
        ([("PUBLIC", "Somebody", "")], {}),
        ([("PUBLIC", "Somebody", "Atlantis")], {}),
        ([("EVERYBODY", "Somebody", "PL")], {}),
    ],
)
def test_a_sheet_with_a_mistake_is_not_taken(rows: list[Typed], values: dict[str, str]) -> None:
    assert not typed(rows, **values).is_valid()


def test_a_slip_needs_no_number_of_rows() -> None:
    form = SheetForm(sheet_form(ROWS[:1], filled=""), lines=1)
    assert form.is_valid(), form.errors
    assert len(form.typed) == 1


def test_only_what_agrees_or_was_chosen_is_entered() -> None:
    same, first, second, missed = (TypedRow(line, "COUNTED", None, "PL") for line in (1, 2, 2, 3))
    second = TypedRow(second.line, "COUNTED", None, "LT")
    differing = differences([same, first], [same, second, missed])
    assert [(one.line, one.first, one.second) for one in differing] == [(2, first, second), (3, None, missed)]
    assert settled([same, first], [same, second, missed], {2: second, 3: None}) == [same, second]
    with pytest.raises(KeyError):
        settled([same, first], [same, second, missed], {2: second})
