"""The tree of a text: what every printer is given, whether it prints a page, a document or a plain file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Words:
    """Some words, without a line end in them."""

    text: str


@dataclass(frozen=True)
class Break:
    """The end of a line that is meant."""


@dataclass(frozen=True)
class Strong:
    """Words in bold."""

    inlines: tuple[Inline, ...]


@dataclass(frozen=True)
class Emphasis:
    """Words in italics."""

    inlines: tuple[Inline, ...]


@dataclass(frozen=True)
class Link:
    """Words that lead to an address, which is allowed."""

    address: str
    inlines: tuple[Inline, ...]


Inline = Words | Break | Strong | Emphasis | Link
Inlines = tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph.

    :param is_tight: whether it is an item of a list whose items stand close together
    """

    inlines: Inlines
    is_tight: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading.

    :param level: 2 to 4, since pages and documents have a title of their own
    """

    level: int
    inlines: Inlines


@dataclass(frozen=True)
class Rule:
    """A line between two parts."""


@dataclass(frozen=True)
class Quote:
    """What somebody else said."""

    blocks: Blocks


class ListKind(StrEnum):
    """What stands before each item: a bullet, a number, or a label that is among its words."""

    BULLETS = "bullets"
    NUMBERS = "numbers"
    LABELS = "labels"


@dataclass(frozen=True)
class Item:
    """An item of a list.

    :param number: of a list with numbers, else 0
    """

    number: int
    blocks: Blocks


@dataclass(frozen=True)
class Listing:
    """A list."""

    kind: ListKind
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Table:
    """A table; each row has as many cells as the head."""

    head: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]


Block = Paragraph | Heading | Rule | Quote | Listing | Table
Blocks = tuple[Block, ...]


@dataclass(frozen=True)
class LeftOut:
    """What of a text is printed nowhere, or not as it may have been meant.

    :param pictures: the words of each picture, which stand in its place
    :param addresses: where a link may not lead
    :param tags: HTML, which is printed as it was typed
    :param stars: the words around stars that set nothing in bold
    """

    pictures: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stars: tuple[str, ...] = ()


@dataclass(frozen=True)
class Text:
    """A text that was read."""

    blocks: Blocks
    left_out: LeftOut
