"""Numbers of sheets: a slip of the finger makes none that is another sheet's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.collecting.numbers import printed_number, read_number

NUMBERS = st.integers(1, 10**8)


@given(NUMBERS)
def test_what_is_printed_is_read(number: int) -> None:
    printed = printed_number(number)
    assert read_number(printed) == number
    assert read_number(f" № {printed.replace('-', '')} ") == number
    assert read_number(printed.replace("-", " – ")) == number


@given(NUMBERS, st.data())
def test_one_wrong_digit_is_noticed(number: int, data: st.DataObject) -> None:
    digits = printed_number(number).replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    assert read_number(digits[:place] + wrong + digits[place + 1 :]) is None


@given(NUMBERS, st.data())
def test_exchanged_neighbours_are_noticed(number: int, data: st.DataObject) -> None:
    digits = printed_number(number).replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 2))
    pair = digits[place : place + 2]
    exchanged = digits[:place] + pair[::-1] + digits[place + 2 :]
    assert exchanged == digits or {*pair} == {"0", "9"} or read_number(exchanged) is None


@pytest.mark.parametrize("typed", ["", "0", "00", "7", "17", "a", "17-4-1", "-4", "9" * 40, "1٧-4", "17-4\0"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read_number(typed) is None
