"""The languages that the code ships, and those that the site offers; languages are named only here.

This is separate from the models, since the settings import it before the models can be loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, TextChoices
from django.utils.translation import get_language, get_language_info


def name_of(language: str) -> str:
    """Return the capitalised name of a language in that language, by which its speakers find it."""
    name = str(get_language_info(language)["name_local"])
    return name[:1].upper() + name[1:]


class Language(TextChoices):
    """The languages that the code ships: texts have a column for each, and SITE_LANGUAGES selects some of them."""

    EN = "en", name_of("en")
    RU = "ru", name_of("ru")
    BE = "be", name_of("be")


@dataclass(frozen=True, kw_only=True)
class Traits:
    """The properties of a language besides its translations.

    :param og_locale: its Open Graph locale (https://ogp.me/)
    :param letter_date: format of dates in letters, in Django's notation (Django's own for English has the month first)
    :param list_date: short format of dates in lists of names, in the notation of strftime
    :param cyrillic_first: whether Cyrillic is sorted before Latin
    :param read_as: another language that its readers understand, if the site does not offer theirs
    """

    og_locale: str
    letter_date: str
    list_date: str
    cyrillic_first: bool = False
    read_as: Language | None = None


TRAITS = {
    Language.EN: Traits(og_locale="en_GB", letter_date="j\xa0F\xa0Y", list_date="%Y-%m-%d"),
    Language.RU: Traits(
        og_locale="ru_RU", letter_date="j\xa0E\xa0Y\xa0г\\.", list_date="%d.%m.%Y", cyrillic_first=True
    ),
    Language.BE: Traits(
        og_locale="be_BY",
        letter_date="j\xa0E\xa0Y\xa0г\\.",
        list_date="%d.%m.%Y",
        cyrillic_first=True,
        read_as=Language.RU,
    ),
}


def site_languages() -> list[str]:
    """Return the codes of the languages that the site offers, its default language first."""
    return [code for code, _name in settings.LANGUAGES]


def shipped_choices() -> list[tuple[str, str]]:
    """Return code and name of each shipped language, as a callable so that migrations do not list them."""
    return list(Language.choices)


def language_choices() -> list[tuple[str, str]]:
    """Return code and name of each language that the site offers."""
    return [(code, name_of(code)) for code in site_languages()]


def in_site_order(codes: Iterable[str]) -> list[str]:
    """Return languages in the site's order, with those that it does not offer last."""
    order = list(dict.fromkeys([*site_languages(), *Language.values]))
    return sorted(set(codes), key=order.index)


def page_languages(languages: Iterable[str]) -> list[str]:
    """Return the languages in which a text's pages exist, in the site's order.

    :param languages: of the text; if the site offers none of them, its pages exist in the site's default language
    """
    of_text = set(languages)
    return [code for code in site_languages() if code in of_text] or site_languages()[:1]


def offered(language: str) -> str:
    """Return a language if the site offers it, or else the site's default, since pages exist in no other."""
    return language if language in site_languages() else site_languages()[0]


def read_by(wanted: Iterable[str], among: Sequence[str]) -> str:
    """Return the first preferred language that is available, or else the first available one.

    :param wanted: language tags (BCP 47), the most preferred first
    :param among: the available languages
    """
    for tag in wanted:
        code = tag.lower().partition("-")[0]
        for language in (code, _read_as(code)):
            if language in among:
                return language
    return among[0]


def _read_as(code: str) -> str:
    other = TRAITS[Language(code)].read_as if code in Language else None
    return other or code


def language_with(of: object, part: str, language: str) -> str:
    """Return the requested language if the object has the text in it, or else the first in which it has.

    :param part: the columns' name without the language code, such as ``title``
    """
    candidates = [language, *in_site_order(Language.values)]
    return next((code for code in candidates if getattr(of, f"{part}_{code}", "")), language)


def complete_in(language: str, *columns: str) -> Q:
    """Return the condition that all these texts are filled in in a language.

    :param columns: their names without the language code
    """
    names = [f"{column}_{language}" for column in columns]
    return Q(*(Q(**{f"{name}__isnull": False}) & ~Q(**{name: ""}) for name in names))


def complete_in_one(*columns: str) -> Q:
    """Return the condition that all these texts are filled in in at least one language."""
    return Q(*(complete_in(language, *columns) for language in Language.values), _connector=Q.OR)


def text_in(of: object, part: str, language: str | None = None) -> str:
    """Return a text in a language, by default the active one, or else in the first that has it, or ""."""
    language = language or get_language() or site_languages()[0]
    return getattr(of, f"{part}_{language_with(of, part, language)}", None) or ""
