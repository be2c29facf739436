"""Days are understood in every language of the site and as other services write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.collecting.days import day_of

MARCH_4 = date(2025, 3, 4)


@pytest.mark.parametrize(
    "written",
    [
        "2025-03-04",
        "2025/3/4 20:34:45",
        "2025-03-04T20:34:45Z",
        "2025-03-04 20:34:45.123 UTC",
        "2025-03-05T00:30:00+03:00",
        "04.03.2025",
        "4.3.25 20:34",
        "04/03/2025 20:34:45",
        "4 марта 2025 г.",
        "4 сакавіка 2025",
        "March 4, 2025",
        "Mar 4, 2025 at 8:34 PM",
        "Tuesday, March 4th, 2025",
        "4 March 2025",
    ],
)
def test_a_day_is_understood_as_people_and_services_write_it(written: str) -> None:
    assert day_of(written, month_first=False) == MARCH_4


def test_which_number_is_the_month_is_said_where_it_is_not_plain() -> None:
    assert day_of("3/4/2025 10:00:00", month_first=True) == MARCH_4
    assert day_of("04.03.2025", month_first=True) == MARCH_4


@pytest.mark.parametrize(
    "written", ["", "yesterday", "31.02.2025", "45720", "2025", "04.03.1925", "4 foo 2025", "9" * 900]
)
def test_what_is_no_day_is_none(written: str) -> None:
    assert day_of(written, month_first=False) is None


@given(st.text(max_size=90), st.booleans())
def test_whatever_is_written_is_a_day_or_none(written: str, month_first: bool) -> None:
    day = day_of(written, month_first=month_first)
    assert day is None or day.year >= 1990


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_is_read_back_as_it_was_written(day: date) -> None:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%B %d, %Y"):
        assert day_of(f"{day:{form}}", month_first=False) == day
