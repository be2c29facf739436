"""Countries as people write them."""

from __future__ import annotations

from functools import cache

from signatures.languages import Language
from signatures.safeguarding.countries import country_names
from signatures.safeguarding.names import clean_text

TYPED_LENGTH_MAX = 120
BEGINNING_MIN = 3
# What many write for the names of countries, and what is no code of ISO 3166-1.
SHORT = {
    "uk": "GB",
    "usa": "US",
    "англия": "GB",
    "беларусия": "BY",
    "белоруссия": "BY",
    "великобритания": "GB",
    "рб": "BY",
    "рф": "RU",
    "сша": "US",
    "фрг": "DE",
    "злучаныя штаты": "US",
    "вялікабрытанія": "GB",
    "расія": "RU",
    "россия": "RU",
    "russia": "RU",
}


def country_of(typed: str, language: str) -> str | None:
    """Return the code of a country by its name in any language of the site, the beginning of that name, or its code.

    :param language: in which a beginning is looked for: it must be that of one country alone
    """
    if len(typed) > TYPED_LENGTH_MAX:
        return None
    word = _folded(typed)
    if not word:
        return None
    code = _by_word().get(word)
    if code is not None or len(word) < BEGINNING_MIN:
        return code
    found = {code for code, name in country_names(language).items() if _folded(name).startswith(word)}
    return found.pop() if len(found) == 1 else None


@cache
def _by_word() -> dict[str, str]:
    """Return the codes of the countries by their codes and by their names in every language."""
    known = dict(SHORT)
    for language in Language.values:
        known |= {_folded(name): code for code, name in country_names(language).items()}
    return known | {code.lower(): code for code in country_names(Language.EN)}


def _folded(text: str) -> str:
    return clean_text(text).casefold().replace("ё", "е").strip(" .")
