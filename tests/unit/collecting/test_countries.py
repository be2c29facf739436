"""Countries as people write them, in each language of the site."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.collecting.countries import country_of
from signatures.languages import Language
from signatures.safeguarding.countries import country_names


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("BY", "BY"),
        ("by", "BY"),
        ("Беларусь", "BY"),
        (" беларусь. ", "BY"),
        ("Белоруссия", "BY"),
        ("РБ", "BY"),
        ("Belarus", "BY"),
        ("Польшча", "PL"),
        ("Поль", "PL"),
        ("Литва", "LT"),
        ("США", "US"),
        ("USA", "US"),
        ("uk", "GB"),
        ("", None),
        ("По", None),
        ("Гви", None),
        ("Nowhere", None),
        ("x" * 1000, None),
    ],
)
def test_a_country_is_known_by_name_code_and_beginning(typed: str, code: str | None) -> None:
    assert country_of(typed, "ru") == code


@pytest.mark.parametrize("language", Language.values)
def test_every_country_is_known_by_its_name_in_every_language(language: str) -> None:
    names = country_names(language)
    assert {code: country_of(name, language) for code, name in names.items()} == {code: code for code in names}


@given(st.text())
def test_whatever_is_typed_is_a_country_or_none(typed: str) -> None:
    assert country_of(typed, "en") in {None, *country_names("en")}
