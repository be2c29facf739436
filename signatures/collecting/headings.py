"""Which column of a table holds what: chosen by hand, or guessed by the headings that other services write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from signatures.safeguarding.names import clean_text

# In the order in which they are preferred, from exports of Action Network, Change.org, Google Forms, LimeSurvey and
# openPetition, and as people name columns in the languages of the site.
ADDRESS = """
email|e-mail|email address|e-mail address|email_address|mail|e-mail-adresse|emailadresse|username
адрес электронной почты|электронная почта|эл. почта|почта|электронны адрас|адрас электроннай пошты
электронная пошта|пошта
"""
COUNTRY = """
country|country code|country_code|country_name|land|страна|код страны|краіна|код краіны
"""
DAY = """
signed on|signed_on|signed at|signed_at|timestamp|timestamp (utc)|timestamp (est)|date submitted|submitdate|action_date
action date|created at|created_at|created|date|datum|unterschrieben am|отметка времени|дата подписания|дата подписи|дата
пазнака часу|адзнака часу|дата подпісу
"""
NONE = "-"
LETTERS = 26
HEADINGS_SHOWN = 30
HEADING_LENGTH = 40


@dataclass(frozen=True)
class Columns:
    """The places of the columns, from 0; None is a column that the table lacks, or that is not to be read."""

    address: int | None
    country: int | None
    day: int | None

    def letters(self) -> dict[str, str]:
        """Return the letter of each column that is there."""
        return {name: letter_of(place) for name, place in vars(self).items() if place is not None}


def letter_of(place: int) -> str:
    """Return a column's letters, as programs for tables show them."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def columns_of(first: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """Return the columns of a table.

    :param first: its first row
    :param chosen: for ``address``, ``country`` and ``day`` a letter or heading, a hyphen for none, "" to guess
    :raises ValidationError: if a chosen column is not there, by the name of what was chosen
    """
    known = {"address": _words(ADDRESS), "country": _words(COUNTRY), "day": _words(DAY)}
    headings = [_folded(cell) for cell in first]
    places: dict[str, int | None] = {}
    wrong: dict[str, ValidationError] = {}
    for name, words in known.items():
        typed = chosen.get(name, "").strip()
        if typed == NONE:
            places[name] = None
        elif typed:
            places[name] = _place(typed, headings)
            if places[name] is None:
                wrong[name] = _no_column(first)
        else:
            places[name] = next((headings.index(word) for word in words if word in headings), None)
    if wrong:
        raise ValidationError(wrong)
    return Columns(**places)


def has_headings(first: Sequence[str], columns: Columns) -> bool:
    """Return whether the first row names the columns, rather than being a signature."""
    if columns.address is not None:
        return not any("@" in cell for cell in first[columns.address : columns.address + 1])
    return any(_folded(cell) in _words(ADDRESS) + _words(COUNTRY) + _words(DAY) for cell in first)


def named(first: Sequence[str]) -> str:
    """Return the columns of a table with their letters, for a sentence; not what may be of a person."""
    return ", ".join(
        f"{letter_of(place)} “{cell[:HEADING_LENGTH]}”"
        for place, cell in enumerate(first[:HEADINGS_SHOWN])
        if cell.strip() and "@" not in cell
    )


def _place(typed: str, headings: Sequence[str]) -> int | None:
    word = _folded(typed)
    if word in headings:
        return headings.index(word)
    letters = [letter_of(place) for place in range(len(headings))]
    return letters.index(typed.upper()) if typed.upper() in letters else None


def _no_column(first: Sequence[str]) -> ValidationError:
    return ValidationError(_("The table has no such column. It has: %(columns)s.") % {"columns": named(first)})


def _words(lines: str) -> list[str]:
    return [word for line in lines.split("\n") for word in line.split("|") if word]


def _folded(text: str) -> str:
    return clean_text(text[:1000]).casefold().strip(" :*?.").removeprefix("\ufeff")
