"""Hostile names do not break the page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signatures.delivering.letter_words import document_of
from signatures.delivering.writers.fields import Row
from signatures.delivering.writers.latin import latin
from signatures.delivering.writers.pdf.names import REPLACEMENT, names_content, visible
from tests.support.papers import LETTER, files, line, listed, one_file, pages_of, read, text_of

HOSTILE = [
    "Ж" * 120,
    "W" * 120,
    "👩\u200d👩\u200d👧 Emoji 😀",
    "中文 名字",
    "\u202eправа налево\u202c",
    "\u200f\u2067משה כהן",
    "محمد علي",
    "а\u0301\u0302\u0303\u0304" * 20,
    "a\u2028b\u2029c\td\x01e\x7f \ue000 \U0001fffe",
    '#panic("x") $x$ *b* _i_ \\ `` // @a <b> ]) }',
    "%(title)s {page}",
    "АБВГДЕЁЖЗІЙКЛМНОПРСТУЎФХЦЧШЫЬЭЮЯ",
]
# A4 in points, minus the margins of the template.
LEFT, RIGHT = 25 / 25.4 * 72, 595.3 - 20 / 25.4 * 72


def test_hostile_names_are_all_printed_each_with_its_number(tmp_path: Path) -> None:
    path = one_file(tmp_path, *HOSTILE)
    last = pages_of(path)[-1]
    assert re.findall(r"^ *(\d+) ", last, re.MULTILINE) == [str(number) for number in range(1, len(HOSTILE) + 1)]
    assert last.count("2011-01-15") == len(HOSTILE)
    joined = re.sub(r"\s", "", text_of(path))
    for name in [
        "Ж" * 120,
        "W" * 120,
        "праваналево",
        "中文名字",
        '#panic("x")$x$*b*_i_\\``//@a<b>])}',
        "%(title)s{page}",
    ]:
        assert name in joined


def test_no_name_leaves_the_page(tmp_path: Path) -> None:
    path = one_file(tmp_path, *HOSTILE)
    words = re.findall(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)"', read("pdftotext", "-bbox", path, "-"))
    assert len(words) > 100
    assert min(float(left) for left, _ in words) > LEFT - 1
    assert max(float(right) for _, right in words) < RIGHT + 1


def test_the_text_after_a_name_is_never_broken_and_ends_at_the_margin(tmp_path: Path) -> None:
    long = "ШМИДТ-ЖУКОВА МАРИЯ АЛЕКСАНДРОВНА"
    names = [
        long,
        "W" * 45,
        "Ж" * 120,
        *(f"{long[:cut]} ЩЩ" for cut in range(8, 33)),
        *("Ўіґ" * n for n in range(9, 24)),
    ]
    countries = ("Польша", "Соединённое Королевство Великобритании и Северной Ирландии")
    lines = [
        {**row, "number": int(str(row["number"])) * 137, "latin": latin(str(row["name"]), "ru")}
        for country in countries
        for row in listed(*names, country=country)
    ]
    path = tmp_path / "petition.pdf"
    path.write_bytes(files(LETTER, lines, len(lines))["petition.pdf"])
    found = re.findall(
        r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)".*?>(.*?)</word>', read("pdftotext", "-bbox", path, "-")
    )
    days = [(float(left), top) for left, top, _, word in found if "2011-01-15" in word]
    assert len(days) == len(lines)
    starts = [float(left) for left, _, _, word in found if word.startswith(("Польша", "Соединённое"))]
    assert len(starts) == len(lines)
    assert min(starts) > LEFT + 20
    ends = [max(float(right) for _, other, right, _ in found if other == top) for _, top in days]
    assert {round(end) for end in ends} == {round(RIGHT)}


def test_letters_without_font_are_listed_by_code_point_and_harm_no_neighbour(tmp_path: Path) -> None:
    text = text_of(one_file(tmp_path, "Алена 𒀀 Шаўчэнка", "Пётр"), "-layout")
    assert re.search(r"1 Алена 𒀀 Шаўчэнка \(U\+12000\)", text)
    assert "Пётр" in text


def lines_of(language: str, names: list[Row]) -> list[Any]:
    """Return the lines as passed to document.typ."""
    words = document_of(replace(LETTER, language=language), len(names)).names
    return list(names_content(words, names)["lines"])


def test_the_latin_spelling_follows_a_name_unless_it_is_the_same() -> None:
    lines = lines_of("en", [*listed("Алена", latin="Alena"), *listed("Alena", latin="Alena")])
    assert ["".join(pieces) for _, _, pieces, *_ in lines] == ["Алена / Alena", "Alena"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202eabc\u202c\u200f\u2067", "abc"),
        ("a\x00b\ue000\ud800", f"a{REPLACEMENT}b{REPLACEMENT}{REPLACEMENT}"),
        ("a\tb\nc\u2028d", "a b c d"),
        ("Ё́лкин", "Ё́лкин"),
        ("علی\u200cرضا \u202eශ්\u200dරී", "علی\u200cرضا ශ්\u200dරී"),
        ("Ан\u200cна К\u200dот", "Анна Кот"),
    ],
)
def test_invisible_characters_are_removed_and_noncharacters_become_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(max_size=120))
def test_the_parts_of_a_name_make_up_the_whole_name(name: str) -> None:
    (only,) = lines_of("ru", listed(name))
    whole = "".join(only[2])
    assert whole.startswith(visible(name))
    assert re.fullmatch(r"(?: \((?:U\+[0-9A-F]{4,6} ?){1,5}\))?", whole.removeprefix(visible(name)))


def test_the_city_is_printed_beside_the_country_and_a_long_one_beside_the_name(tmp_path: Path) -> None:
    names = [
        line(1, "Anna Kot", "Poland", 1, city="Kraków"),
        line(2, "Boris Lew", "Wales", 1, city="Llanfairpwllgwyngyllgogerychwyrndrobwll"),
        line(3, "Vera Low", "Latvia", 1, city=""),
    ]
    path = tmp_path / "petition.pdf"
    path.write_bytes(files(LETTER, names, 3)["petition.pdf"])
    said = " ".join(text_of(path).replace("\N{NO-BREAK SPACE}", " ").split())
    assert "Country, City · Signed on" in said
    assert "Poland, Kraków · " in said
    assert "Boris Lew, Llanfairpwllgwyngyllgogerychwyrndrobwll" in said
    assert "Latvia · " in said
