"""What a letter with a list of names is made of, every word in the language of the letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Content = dict[str, Any]


@dataclass(frozen=True)
class NameWords:
    """The words over the names.

    :param day_format: of the days on which people signed, as strftime reads it
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
    """A letter and the words around the names.

    :param part_title: title of a file of names, with places for %(title)s and %(number)s
    :param page: foot of a page, with places for {page} and {pages}
    :param warning: head of each page on which something personal may stand
    :param is_personal: whether the letter itself says something of a private person
    :param letter: what document.typ reads of the letter, where the names stand in the same file
    :param letter_to_files: the same where they stand in files of their own
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
