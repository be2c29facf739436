"""Countries by ISO 3166-1 alpha-2 code, with names and order of a language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import django_countries
from babel import Locale
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from django_countries import countries
from pyuca import Collator

# User-assigned codes, for what ISO 3166-1 has no code for. The European Union and Unicode's CLDR use XK for Kosovo, and
# CLDR uses ZZ for an unknown region. They are stored, published and handed over like any other code, and belong to no
# union of countries.
KOSOVO = "XK"
STATELESS = "XS"
NOT_STATED = "ZZ"
# Sorted after all others.
LAST = (STATELESS, NOT_STATED)
# The names of those user-assigned codes that are not countries.
NO_COUNTRY = {STATELESS: gettext_noop("Stateless"), NOT_STATED: gettext_noop("Other, or rather not said")}
# Replacements for names that a catalogue has in another case, without «ё», inverted for an index, disputed or misspelt.
BETTER: dict[str, dict[str, str]] = {
    "en": {"BS": "Bahamas", "CI": "Côte d’Ivoire"},
    "ru": {
        "AE": "Объединённые Арабские Эмираты",
        "BS": "Багамы",
        "CD": "Демократическая Республика Конго",
        "CG": "Республика Конго",
        "CI": "Кот-д’Ивуар",
        "FM": "Микронезия",
        "HM": "Остров Херд и острова Макдональд",
        "KM": "Коморы",
        "LR": "Либерия",
        "MF": "Сен-Мартен",
        "MM": "Мьянма",
        "NC": "Новая Каледония",
        "PS": "Палестина",
        "SH": "Острова Святой Елены, Вознесения и Тристан-да-Кунья",
        "SM": "Сан-Марино",
        "SX": "Синт-Мартен",
        "US": "Соединённые Штаты Америки",
        "VA": "Ватикан",
        "VG": "Виргинские острова (Великобритания)",
        "VI": "Виргинские острова (США)",
    },
    "be": {
        "BS": "Багамы",
        "CC": "Какосавыя астравы",
        "CD": "Дэмакратычная Рэспубліка Конга",
        "CG": "Рэспубліка Конга",
        "HK": "Ганконг",
        "KM": "Каморы",
        "MM": "М’янма",
        "MO": "Макаа",
        "PS": "Палесціна",
        "SH": "Астравы Святой Алены, Узнясення і Трыстан-да-Кунья",
        "VG": "Віргінскія астравы (Вялікабрытанія)",
        "VI": "Віргінскія астравы (ЗША)",
    },
}


@cache
def _collator() -> Collator:
    return Collator()


@cache
def country_names(language: str) -> dict[str, str]:
    """Return all names of countries by code, sorted by the rules of the language.

    The names come from django-countries or, for languages it has no catalogue for, from Unicode's CLDR through Babel.
    """
    of_cldr = _cldr_names(language)
    with translation.override(language):
        names = {str(code): str(name) for code, name in countries} | {
            code: gettext(name) for code, name in NO_COUNTRY.items()
        }
    if not _has_catalogue(language):
        names |= {code: of_cldr[code] for code in names.keys() & of_cldr.keys() - NO_COUNTRY.keys()}
    names |= {KOSOVO: of_cldr[KOSOVO]} | BETTER.get(language, {})
    # Dictionaries ignore the apostrophe, which the collation would sort before every letter.
    words = {code: name.replace("’", "") for code, name in names.items()}
    in_order = sorted(names.keys() - {*LAST}, key=lambda code: _collator().sort_key(words[code]))
    return {code: names[code] for code in (*in_order, *LAST)}


def _has_catalogue(language: str) -> bool:
    return (Path(django_countries.__file__).parent / "locale" / language).exists()


def _cldr_names(language: str) -> dict[str, str]:
    return dict(Locale.parse(language).territories)
