"""Countries by ISO 3166-1 alpha-2 code, named and sorted in the language in use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import django_countries
from babel import Locale
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from django_countries import countries
from pyuca import Collator

# What ISO 3166-1 has no code for, by codes that it leaves to its users. Kosovo has the one that the European Union and
# Unicode's CLDR give it, and ZZ is CLDR's for an unknown region. They are stored, published and handed over as any
# other code, and belong to no union of countries.
KOSOVO = "XK"
STATELESS = "XS"
NOT_STATED = "ZZ"
# After the alphabet.
LAST = (STATELESS, NOT_STATED)
# What each of the codes that ISO 3166-1 does not give out is called, where it is no country.
NO_COUNTRY = {STATELESS: gettext_noop("Stateless"), NOT_STATED: gettext_noop("Other, or rather not said")}
# Where a catalogue has another case, no «ё», an order for indexes, a name that is disputed, or a slip.
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
    """Return every country's name by its code, as the language sorts them.

    django-countries names them, or Unicode's CLDR (by Babel) in a language that it has no catalogue for.
    """
    of_cldr = _cldr_names(language)
    with translation.override(language):
        names = {str(code): str(name) for code, name in countries} | {
            code: gettext(name) for code, name in NO_COUNTRY.items()
        }
    if not _has_catalogue(language):
        names |= {code: of_cldr[code] for code in names.keys() & of_cldr.keys() - NO_COUNTRY.keys()}
    names |= {KOSOVO: of_cldr[KOSOVO]} | BETTER.get(language, {})
    # Dictionaries pass over the apostrophe, which the collation puts before every letter.
    words = {code: name.replace("’", "") for code, name in names.items()}
    in_order = sorted(names.keys() - {*LAST}, key=lambda code: _collator().sort_key(words[code]))
    return {code: names[code] for code in (*in_order, *LAST)}


def _has_catalogue(language: str) -> bool:
    return (Path(django_countries.__file__).parent / "locale" / language).exists()


def _cldr_names(language: str) -> dict[str, str]:
    return dict(Locale.parse(language).territories)
