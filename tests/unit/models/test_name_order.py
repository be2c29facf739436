"""Names are sorted as readers of the list expect."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyuca import Collator

from signatures.models.name_search import name_order
from tests.support.database import query

pytestmark = pytest.mark.django_db
# Characters that the Unicode collation sorts as this site does: letters with variants, marks and capitals.
LETTERS = "aäáàâåbcçćčdđeéęfghiïjklłmnñńoöøópqrsšśtuüůvwxyýzžżAÄŁŠαάβγσς"
LETTERS += "аәбвгґғдђеёєжҗзѕиіїйјкқҡлљмнңњоөпрсҫтћуўүұфхҳһцчџшщъыьѣэюяАЁЄІЇЎЯ"
WORD = st.text(st.sampled_from(LETTERS), min_size=1, max_size=6)
NAMES = st.lists(st.builds(" ".join, st.lists(WORD, min_size=1, max_size=2)), min_size=2, max_size=12)


def in_order(names: list[str], language: str, *, by_last_word: bool = False) -> list[str]:
    """Return names in the order of a list in a language."""
    order = name_order("name", language, by_last_word=by_last_word)
    rows = query(f"SELECT name FROM unnest(%s) AS name ORDER BY {order}", [names])  # noqa: S608 - ours
    return [name for (name,) in rows]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_accents_strokes_and_capitals_do_not_separate_similar_names(language: str) -> None:
    names = ["Лев", "Zofia", "Ägir", "adam", "Łukasz", "Lukas", "Ahmed", "Šimon", "Simona", "Luke", "Ёж", "Ежи", "Ева"]
    latin = ["adam", "Ägir", "Ahmed", "Lukas", "Łukasz", "Luke", "Šimon", "Simona", "Zofia"]
    cyrillic = ["Ева", "Ёж", "Ежи", "Лев"]
    assert in_order(names, language) == (latin + cyrillic if language == "en" else cyrillic + latin)


def test_letters_of_other_alphabets_follow_their_neighbours() -> None:
    expected = ["Ганна", "Ґанна", "Ғани", "Дар", "Ева", "Ёла", "Єва", "Жан", "Игорь", "Ігар", "Їжак", "Йод"]
    expected += ["Кот", "Қот", "Лев", "Улад", "Ўладзь", "Фёдор", "Хан", "Һади", "Цой"]
    assert in_order(random.Random(1).sample(expected, len(expected)), "ru") == expected  # noqa: S311
    assert in_order(["تقی", "پری", "باران", "چنگیز", "جعفر"], "en") == ["باران", "پری", "تقی", "جعفر", "چنگیز"]


def test_punctuation_between_words_does_not_separate_similar_names() -> None:
    names = ["D’Arcy Tom", "Darcy Ann", "D'Arcy Sam", "Anna-Maria B", "Anna Maria A", "Anna‐Maria C", "«Anna» Maria D"]
    assert in_order(names, "en") == [
        "Anna Maria A",
        "Anna-Maria B",
        "Anna‐Maria C",
        "«Anna» Maria D",
        "Darcy Ann",
        "D'Arcy Sam",
        "D’Arcy Tom",
    ]


def test_names_are_sorted_by_last_word_on_request() -> None:
    names = [
        "Zoë Ähnlich",
        "Łukasz Zieliński",
        "Anna Kot",
        "Адам Ёлкин",
        "Яна Ежова",
        "Anna-Maria Kot",
        "Cher",
        "Ян Ёлкин",
    ]
    assert in_order(names, "en", by_last_word=True) == [
        "Zoë Ähnlich",
        "Cher",
        "Anna Kot",
        "Anna-Maria Kot",
        "Łukasz Zieliński",
        "Яна Ежова",
        "Адам Ёлкин",
        "Ян Ёлкин",
    ]
    assert in_order(["Anna Kot‑Adamska", "Jan O'Adam", "Eva Oadal"], "en", by_last_word=True) == [
        "Anna Kot‑Adamska",
        "Eva Oadal",
        "Jan O'Adam",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Ян Кот ❤️",
        "Ян Кот 👍🏽 🇧🇾",
        "Ян Кот❤️",
        "Ян Кот 1986",
        "Ян Кот, мл.",
        "Ян Кот (мл.)",
        "Ян Кот Jr.",
        "Ян Кот, Jr. ❤",
        "Ян Иванович Кот мл",
        "Ян Иванович Кот младший",
        "Ян Иванович Кот III",
        "Кот А. В.",
        "Кот А.В.",
        "❤ Ян Кот -",
    ],
)
def test_a_suffix_is_not_mistaken_for_the_surname(name: str) -> None:
    assert in_order(["Ян Лев", name, "Ян Кол"], "ru", by_last_word=True) == ["Ян Кол", name, "Ян Лев"]


@pytest.mark.parametrize("name", ["Ян Младший", "Анна М.", "Мл.", "М. М.", "Senior", "Ян Іванавіч М", "❤", "Anna Iii"])
def test_an_unusual_surname_is_recognised(name: str) -> None:
    ((key,),) = query("SELECT signatures_sort_key(signatures_folded(%s, false), true, false)", [name])
    ((word,),) = query("SELECT btrim(signatures_folded(%s, false), '- ')", [name.rpartition(" ")[2]])
    assert key.startswith(word[:1])


def test_names_that_differ_only_by_marks_or_capitals_have_a_stable_order() -> None:
    names = ["Lukas", "lukas", "Łukas", "LUKAS", "Łukas"]
    for seed in range(5):
        assert in_order(random.Random(seed).sample(names, len(names)), "en") == [  # noqa: S311
            "LUKAS",
            "Lukas",
            "lukas",
            "Łukas",
            "Łukas",
        ]


@pytest.fixture(scope="module")
def collator() -> Collator:
    """Return the Unicode collation, which takes half a second to read."""
    return Collator()


@settings(max_examples=100)
@given(names=NAMES)
def test_letters_are_sorted_as_the_unicode_collation_sorts_them(collator: Collator, names: list[str]) -> None:
    def letters_of(name: str) -> tuple[int, ...]:
        key = collator.sort_key(name)
        return tuple(key[: key.index(0)])

    for earlier, later in pairwise(map(letters_of, in_order(names, "en"))):
        assert earlier <= later


def test_sorting_a_long_list_takes_little_longer_than_by_code_points(
    record_property: Callable[[str, object], None],
) -> None:
    query(
        "CREATE TEMPORARY TABLE listed ON COMMIT DROP AS SELECT (ARRAY['Иван', 'Уладзімір', 'Łukasz', 'Zoë'])"
        "[1 + i %% 4] || ' ' || (ARRAY['Иванов', 'Някляеў', 'Kowalski'])[1 + i %% 3] || (i * 7919 %% 10007) AS name"
        " FROM generate_series(1, 200000) i"
    )
    query("SET LOCAL work_mem = '16MB'")
    taken: dict[str, float] = {}
    # By the former sort key, as a baseline, and by surname, which is the most expensive order.
    before = "translate(lower(name), 'ёіїўґє', 'еииугэ'), lower(name)"
    for order in (before, name_order("name", "ru", by_last_word=True)) * 2:
        started = time.perf_counter()
        query(f"SELECT count(*) FROM (SELECT name FROM listed ORDER BY {order} OFFSET 0) AS sorted")  # noqa: S608
        taken[order] = min(time.perf_counter() - started, taken.get(order, 1e9))
    old, new = taken.values()
    record_property("figures", f"200,000 names: {old:.2f} s by code points, {new:.2f} s by surnames")
    assert new < 6 * old, taken
