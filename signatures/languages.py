"""The languages that the code ships, and which of them the site offers; nothing else names a language.

It stands apart from the models, since the settings read it before there are any.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, TextChoices
from django.utils.translation import get_language, get_language_info


def name_of(language: str) -> str:
    """Return the name of a language in itself, as those who speak it look for it."""
    name = str(get_language_info(language)["name_local"])
    return name[:1].upper() + name[1:]


class Language(TextChoices):
    """The languages that the code ships: texts have a column for each, and SITE_LANGUAGES chooses among them."""

    EN = "en", name_of("en")
    RU = "ru", name_of("ru")
    BE = "be", name_of("be")


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What the code has to know of a language besides its texts.

    :param og_locale: as other sites know it (https://ogp.me/)
    :param letter_date: of a day in a letter, in Django's notation of dates (whose own for English has the month first)
    :param list_date: of a day in a list of names, short, as strftime reads it
    :param cyrillic_first: whether its readers expect their own alphabet before the Latin one
    :param read_as: the language that its readers read, too, where the site does not offer theirs
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
    """Return code and name of each language that the code ships; a function, so that no migration lists them."""
    return list(Language.choices)


def language_choices() -> list[tuple[str, str]]:
    """Return code and name of each language that the site offers."""
    return [(code, name_of(code)) for code in site_languages()]


def in_site_order(codes: Iterable[str]) -> list[str]:
    """Return languages as the site lists them; those that it does not offer stand last."""
    order = list(dict.fromkeys([*site_languages(), *Language.values]))
    return sorted(set(codes), key=order.index)


def page_languages(languages: Iterable[str]) -> list[str]:
    """Return in which languages the pages of a text stand, as the site lists them.

    :param languages: of the text; where the site offers none of them, its pages stand in the site's default
    """
    of_text = set(languages)
    return [code for code in site_languages() if code in of_text] or site_languages()[:1]


def offered(language: str) -> str:
    """Return a language if the site offers it, or else the site's default: pages stand in no other."""
    return language if language in site_languages() else site_languages()[0]


def read_by(wanted: Iterable[str], among: Sequence[str]) -> str:
    """Return the first of somebody's languages that a page is there in, or else the page's first.

    :param wanted: tags of languages (BCP 47), the dearest first
    :param among: the languages that there are
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
    """Return the language in which something has a text: the one asked for, or else the first that has it.

    :param part: what the columns are called before the code, such as ``title``
    """
    candidates = [language, *in_site_order(Language.values)]
    return next((code for code in candidates if getattr(of, f"{part}_{code}", "")), language)


def complete_in(language: str, *columns: str) -> Q:
    """Return the condition that texts are there in a language.

    :param columns: what they are called before the code
    """
    names = [f"{column}_{language}" for column in columns]
    return Q(*(Q(**{f"{name}__isnull": False}) & ~Q(**{name: ""}) for name in names))


def complete_in_one(*columns: str) -> Q:
    """Return the condition that texts are there in one language at least."""
    return Q(*(complete_in(language, *columns) for language in Language.values), _connector=Q.OR)


def text_in(of: object, part: str, language: str | None = None) -> str:
    """Return a text in a language, by default the one in use, or else in the first that it is there in, or ""."""
    language = language or get_language() or site_languages()[0]
    return getattr(of, f"{part}_{language_with(of, part, language)}", None) or ""
