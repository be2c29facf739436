"""Passwords of fifteen or more characters that are easy to guess, and those that are not."""

from __future__ import annotations

import secrets

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from signatures.models import Organiser
from signatures.safeguarding.passwords import WORTH_MIN, worth
from tests.support import factories

ENGLISH = "correct horse battery staple summer dragon window garden seven bridge yellow paper silent harbour kettle"
RUSSIAN = "огород чайник зима берег окно мост тишина письмо вторник яблоко молоко корабль облако гитара лестница"
WORDS = [*ENGLISH.split(" "), *RUSSIAN.split(" ")]
PREDICTABLE = [
    "111111111111111",
    "абабабабабабабаб",
    "abcabcabcabcabcabc",
    "123456789123456789",
    "987654321987654321",
    "abcdefghijklmnopqrst",
    "qwertyuiopasdfgh",
    "йцукенгшщзфывапро",
    "1qaz2wsx3edc4rfv",
    "passwordpassword",
    "Password123456789",
    "password!!!!!!!!!!!",
    "iloveyou iloveyou iloveyou",
    "p@ssw0rdp@ssw0rd",
    "petitionpetition",
    "Petition-Petition-2026",
    "петицияпетиция1",
    "петыцыяПетыцыя1",
    "подпісы-арганізатар",
    "йцукенгшўзх-ячсміть",
    "belarus-political-prisoners",
    "organiser-admin-1234",
    "tatsiana.k.minsktatsiana.k.minsk",
    "a" * 100 + "!" * 100,
]
pytestmark = pytest.mark.django_db


@pytest.fixture
def organiser() -> Organiser:
    """Return an organiser who chooses a password, on a site with a petition."""
    factories.make_petition(slug="belarus-political-prisoners")
    return Organiser(username="tatsiana.k.minsk")


@pytest.mark.parametrize("password", PREDICTABLE)
@pytest.mark.parametrize(
    ("language", "words"), [("en", "easy to guess"), ("ru", "легко угадать"), ("be", "лёгка адгадаць")]
)
def test_a_long_password_that_is_easy_to_guess_is_refused_in_the_users_language(
    organiser: Organiser, password: str, language: str, words: str
) -> None:
    with translation.override(language), pytest.raises(ValidationError) as refused:
        validate_password(password, organiser)
    assert "password_predictable" in {error.code for error in refused.value.error_list}
    assert words in " ".join(refused.value.messages)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "длинный пароль по-русски 123",
        "my grandmother likes Belarus",
        "Тихая лестница у моста",
        "kettle of 7 silent bridges",
    ],
)
def test_an_original_sentence_is_accepted(organiser: Organiser, password: str) -> None:
    validate_password(password, organiser)


@given(
    st.lists(st.sampled_from(WORDS), min_size=4, max_size=7, unique=True),
    st.sampled_from([" ", "-", "", ". ", "1"]),
)
def test_four_unrelated_words_are_enough(words: list[str], between: str) -> None:
    assert worth(between.join(words), {"petition", "belarus"}) >= WORTH_MIN


def test_a_random_password_is_accepted(organiser: Organiser) -> None:
    for _ in range(200):
        validate_password(secrets.token_urlsafe(12), organiser)


@given(st.text(min_size=3, max_size=40), st.integers(2, 5))
def test_each_repetition_counts_as_one_more_character(text: str, times: int) -> None:
    assert worth(text * times, set()) <= worth(text, set()) + times - 1


def test_the_longest_password_takes_no_time(organiser: Organiser) -> None:
    validate_password(secrets.token_urlsafe(3072), organiser)
