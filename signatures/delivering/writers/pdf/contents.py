"""The content of a letter with a list of names, all wording in the letter's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Content = dict[str, Any]


@dataclass(frozen=True)
class NameWords:
    """The headings above the names.

    :param day_format: strftime format of the days on which people signed
    """

    heading: str
    number: str
    name: str
    country: str
    city: str
    signed_on: str
    text_version: str
    day_format: str


@dataclass(frozen=True)
class Document:
    """A letter and the wording around the names.

    :param part_title: title of a file of names, with placeholders %(title)s and %(number)s
    :param page: page footer, with placeholders {page} and {pages}
    :param warning: header of each page that may contain personal data
    :param is_personal: whether the letter itself contains personal data
    :param letter: the letter's content for document.typ if the names are in the same file
    :param letter_to_files: the letter's content if the names are in separate files
    """

    language: str
    title: str
    part_title: str
    page: str
    warning: str
    is_personal: bool
    letter: Content
    letter_to_files: Content
    names: NameWords
    made_at: datetime
