"""Countries by ISO 3166-1 alpha-2 code, named and sorted in the language in use."""

from __future__ import annotations

from functools import cache

from django.utils import translation
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
# Where the catalogue of django-countries has another case, no «ё», an order for indexes, or a slip.
BETTER: dict[str, dict[str, str]] = {
    "en": {
        "BS": "Bahamas",
        "CI": "Côte d’Ivoire",
        KOSOVO: "Kosovo",
        STATELESS: "Stateless",
        NOT_STATED: "Other, or rather not said",
    },
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
        KOSOVO: "Косово",
        STATELESS: "Без гражданства",
        NOT_STATED: "Другая страна или не указана",
    },
}


@cache
def _collator() -> Collator:
    return Collator()


@cache
def country_names(language: str) -> dict[str, str]:
    """Return every country's name by its code, as the language sorts them."""
    with translation.override(language):
        names = {str(code): str(name) for code, name in countries} | BETTER.get(language, {})
    in_order = sorted(names.keys() - {*LAST}, key=lambda code: _collator().sort_key(names[code]))
    return {code: names[code] for code in (*in_order, *LAST)}
