"""Public pages say what is so, and nothing else."""

from __future__ import annotations

import pytest
from django.test import Client

from signatures.models import Petition
from tests.support.page_reading import in_language, page_of, read, words
from tests.support.releases import release, sign_publicly

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])


def test_a_list_whose_names_wait_says_so_whether_or_not_any_does(petition: Petition, visitor: Client) -> None:
    path = page_of(petition, "signers")
    empty = read(visitor, path)
    assert "No name is shown yet. Names wait to be shown until" in words(empty)
    assert "There are none yet." not in words(empty)
    sign_publicly(petition, "Anna Kot")
    # One who waits changes no letter.
    assert read(Client(), path) == empty
    sign_publicly(petition, *(f"Somebody {n}" for n in range(9)))
    assert release(petition)
    assert "Anna Kot" in words(read(Client(), path))


@LANGUAGES
def test_a_list_whose_names_appear_at_once_says_that_there_are_none(
    ordinary: Petition, visitor: Client, language: str
) -> None:
    assert in_language("There are none yet.", language) in words(read(visitor, page_of(ordinary, "signers", language)))


def test_the_page_on_accessibility_speaks_of_nothing_that_texts_cannot_hold(
    petition: Petition, visitor: Client
) -> None:
    assert "picture" not in words(read(visitor, "/en/accessibility/"))
