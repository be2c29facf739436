"""The countries are complete, in the right order, and have their usual names."""

from __future__ import annotations

import re

import pytest
from django_countries.data import COUNTRIES

from signatures.delivering.totals import EUROPEAN_UNION
from signatures.safeguarding.countries import BETTER, KOSOVO, LAST, NOT_STATED, STATELESS, country_names

# Signs of a name inverted for an index, a name in another case, or a superfluous space.
ODD_RUSSIAN = re.compile(r"[A-Za-z'\"]| - |, Государство|\(Остров|диненн|^(Либерии|Мьянмы|Новой|Святого|Святой) ?")


@pytest.mark.parametrize("language", ["en", "ru", "be"])
def test_every_country_has_a_name_and_those_without_a_code_come_last(language: str) -> None:
    names = country_names(language)
    assert names.keys() == COUNTRIES.keys() | {KOSOVO, STATELESS, NOT_STATED}
    assert tuple(names)[-len(LAST) :] == LAST
    assert all(names.values())
    assert len(set(names.values())) == len(names)
    assert BETTER[language].keys() <= names.keys()


def test_russian_names_are_in_the_nominative_and_in_common_use() -> None:
    names = country_names("ru")
    assert [name for name in names.values() if ODD_RUSSIAN.search(name)] == []
    assert (names["BY"], names["LR"], names["SM"]) == ("Беларусь", "Либерия", "Сан-Марино")


def test_the_alphabet_of_each_language_orders_the_others() -> None:
    russian = list(country_names("ru").values())
    assert russian.index("Австралия") < russian.index("Япония")
    assert russian.index("Йемен") < russian.index("Кабо-Верде")
    english = list(country_names("en").values())
    assert english.index("Åland Islands") < english.index("Albania")


def test_the_belarusian_order_has_its_own_letters_and_ignores_the_apostrophe() -> None:
    belarusian = list(country_names("be").values())
    assert not re.search(r"[ищъ'\"]", "".join(belarusian).lower())
    for before, after in (
        ("Злучаныя Штаты Амерыкі", "Іарданія"),
        ("Італія", "Каба-Вердэ"),
        ("Маёта", "Мазамбік"),
        ("Маршалавы астравы", "Маўрыкій"),
        ("Венесуэла", "В’етнам"),
        ("Мікранезія", "М’янма"),
        ("Эфіопія", "Ямайка"),
    ):
        assert belarusian.index(before) < belarusian.index(after), after


def test_our_own_codes_are_user_assigned_by_the_standard() -> None:
    """ISO 3166-1 will give none of these to a country: AA, QM to QZ, XA to XZ, ZZ."""
    for code in country_names("en").keys() - COUNTRIES.keys():
        assert re.fullmatch("AA|Q[M-Z]|X[A-Z]|ZZ", code)
        assert code not in EUROPEAN_UNION


def test_countries_with_our_own_codes_are_named_and_kosovo_is_in_alphabetical_order() -> None:
    english, russian = country_names("en"), country_names("ru")
    assert (english["XK"], english["XS"], english["ZZ"]) == ("Kosovo", "Stateless", "Other, or rather not said")
    assert (russian["XK"], russian["XS"], russian["ZZ"]) == (
        "Косово",
        "Без гражданства",
        "Другая страна или не указана",
    )
    assert list(english).index("KI") < list(english).index("XK") < list(english).index("KW")
