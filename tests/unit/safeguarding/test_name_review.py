"""Which names wait to be looked at: with digits, addresses, or words of a list; and which do not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.safeguarding.name_review import Cause, causes, must_wait
from signatures.safeguarding.names import clean_text

PLAIN = (
    "А.С. Пушкин",
    "А.С.Пушкин",
    "А.С.ПУШКИН",
    "J.R.R. Tolkien",
    "J.R.R.Tolkien",
    "John Smith Jr.",
    "Smith, Jr.",
    "Dr.Anna Müller",
    "Ст.Иванов",
    "Henry VIII",
    "Henry Ⅷ",
    "三浦 五十嵐",
    "张三",
    "Ali s/o Abu",
    "Anna Kowalska (Nowak)",
    "א.ב.יהושע",
    "Jean-Luc d’Été",
    "Аня Ўлашэнка",
    "María-José Carreño Quiñones",
)
ADDRESSES = (
    "www.x",
    "WWW example",
    "x(at)y.z",
    "anna [at] example",
    "anna (собака) example",
    "t.me/abc",
    "T.Me",
    "vk com/abc",
    "Vk.com",
    "VK.COM",
    "@handle",
    "＠handle",
    "anna@example.org",
    "http example",
    "ftp://x",
    "example。com",
    "example．com",
    "example . com",
    "example. com",
    "а.с.пушкин",
)
DIGITS = ("+375 29 123", "Anna 1", "½ Half", "① Anna", "Anna²", "٣ آنا", "Anna ৪")


@pytest.mark.parametrize("name", PLAIN)
def test_a_name_as_people_write_it_does_not_wait(name: str) -> None:
    assert causes(name, "") == []


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_waits_however_it_is_disguised(name: str) -> None:
    assert causes(name, "") == [Cause.ADDRESS]


@pytest.mark.parametrize("name", DIGITS)
def test_digits_of_every_script_wait(name: str) -> None:
    assert causes(name, "") == [Cause.DIGITS]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Vladimir Putin", "hitler\nputin"),
        ("Vladimir Pu\u0442in", "putin"),
        ("\u0420utin", "PUTIN"),
        ("Pútin", "putin"),
        ("В. ПУТИ\u0048", "путин"),
        ("P.u.t.i.n", "putin"),
        ("P_u_t_i_n", "putin"),
        ("Путинцева", "путин"),
        ("Алёна", "алена"),
        ("Алена", "АЛЁНА"),
        ("Майя", "маия"),
        ("Straße", "strasse"),
        ("Слава  России!", "слава России"),
        ("☭ Anna", "☭"),
    ],
)
def test_a_word_of_the_list_is_found_at_the_beginning_of_a_word_however_it_is_written(name: str, words: str) -> None:
    assert causes(name, words) == [Cause.WORD]


@pytest.mark.parametrize(("name", "words"), [("Rasputin", "putin"), ("Anna", ""), ("Anna", "\n \n"), ("Anna", "an na")])
def test_other_names_do_not_wait_for_a_word_of_the_list(name: str, words: str) -> None:
    assert not must_wait(name, words)


@given(st.text(max_size=120), st.text(max_size=200))
def test_every_name_and_every_list_has_an_answer(name: str, words: str) -> None:
    assert must_wait(clean_text(name), words) in {True, False}


@given(st.text(alphabet=st.characters(categories=("Lu", "Ll", "Lo")), min_size=1, max_size=20))
def test_a_word_is_found_by_itself_in_any_case(word: str) -> None:
    for written in (word, word.upper(), word.lower(), f"Anna {word}"):
        # A letter whose other case is no letter any more is no word of a name.
        if written.casefold() == word.casefold() or written.endswith(f" {word}"):
            assert Cause.WORD in causes(written, f"first\n{word}\nlast")


@given(st.text(max_size=60), st.sampled_from("0123456789@"), st.text(max_size=60))
def test_no_surroundings_hide_a_digit_or_a_sign_of_addresses(before: str, sign: str, after: str) -> None:
    assert must_wait(f"{before} {sign} {after}", "")


def test_a_long_list_and_a_hostile_name_take_no_time() -> None:
    words = "\n".join(f"слово{'абвгдежзик'[number % 10]}{number}" for number in range(400))[:4000]
    names = ["Анна " * 24, "a." * 60, "a/" * 60, "a . " * 30, "\u0301" * 120, "(at" * 40]
    must_wait("Anna", words)
    began = time.process_time()
    for _ in range(50):
        for name in names:
            must_wait(name, words)
    assert (time.process_time() - began) / (50 * len(names)) < 0.005
