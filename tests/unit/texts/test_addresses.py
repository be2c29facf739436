"""Any title, in any script, gives an address that is valid, free, and not empty."""

from __future__ import annotations

import pytest
from django.core.validators import validate_slug
from hypothesis import given
from hypothesis import strategies as st

from signatures.models import Petition
from signatures.texts.addresses import LENGTH_MAX, address_from, free_address


@given(st.lists(st.text(max_size=300), max_size=3))
def test_any_title_gives_a_valid_address(titles: list[str]) -> None:
    address = address_from(titles)
    validate_slug(address)
    assert 0 < len(address) <= LENGTH_MAX
    assert address == address.lower().strip("-_")


@pytest.mark.parametrize(
    ("title", "address"),
    [
        ("Свободу политическим заключённым Беларуси", "svobodu-politicheskim-zaklyuchyonnym-belarusi"),
        ("Ўлада і воля", "ulada-i-volya"),
        ("Їжак, ґанок, єдність", "yizhak-ganok-yednist"),
        ("Łódź: Straße, Ærø", "lodz-strasse-aero"),
        ("  Save  the _park_! ", "save-the-_park"),
        ("公園を救え", "petition"),
        ("", "petition"),
    ],
)
def test_titles_are_written_in_latin_letters(title: str, address: str) -> None:
    assert address_from([title]) == address


def test_the_first_title_with_letters_counts() -> None:
    assert address_from(["", "公園", "Парк", "Park"]) == "park"


def test_a_long_title_ends_with_a_word() -> None:
    assert address_from(["word " * 40]) == "-".join(["word"] * 16)
    assert address_from(["x" * 200]) == "x" * LENGTH_MAX


@pytest.mark.django_db
@pytest.mark.parametrize("title", ["Парк", "公園", "x" * 200, "word " * 40, "a " + "x" * 90])
def test_the_same_title_gives_each_petition_an_address_of_its_own(title: str) -> None:
    for _number in range(12):
        Petition.objects.create(slug=free_address([title]))
    found = list(Petition.objects.values_list("slug", flat=True))
    assert len(set(found)) == 12
    assert max(map(len, found)) <= LENGTH_MAX
