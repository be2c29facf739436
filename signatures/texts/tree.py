"""The tree of a text: the common input of the printers for pages, documents and plain files."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Words:
    """Text without a line break."""

    text: str


@dataclass(frozen=True)
class Break:
    """An intended line break."""


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
    """A link to an address that was already checked."""

    address: str
    inlines: tuple[Inline, ...]


Inline = Words | Break | Strong | Emphasis | Link
Inlines = tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph.

    :param is_tight: whether it belongs to an item of a tight list, without blank lines between the items
    """

    inlines: Inlines
    is_tight: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading.

    :param level: 2 to 4, since pages and documents have their own title
    """

    level: int
    inlines: Inlines


@dataclass(frozen=True)
class Rule:
    """A horizontal rule between two parts."""


@dataclass(frozen=True)
class Quote:
    """A quotation."""

    blocks: Blocks


class ListKind(StrEnum):
    """The marker before each item: a bullet, a number, or a label that is part of its text."""

    BULLETS = "bullets"
    NUMBERS = "numbers"
    LABELS = "labels"


@dataclass(frozen=True)
class Item:
    """An item of a list.

    :param number: its number in a numbered list, else 0
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
    """What is left out of a text, or may not be printed as intended.

    :param pictures: the alternative text of each picture, which replaces it
    :param addresses: addresses of forbidden links
    :param tags: HTML tags, which are printed as typed
    :param stars: the words around asterisks that produced no emphasis
    """

    pictures: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stars: tuple[str, ...] = ()


@dataclass(frozen=True)
class Text:
    """A parsed text."""

    blocks: Blocks
    left_out: LeftOut
