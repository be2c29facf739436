"""Prints the tree of a text as plain text."""

from __future__ import annotations

from signatures.texts.reading import read_text
from signatures.texts.tree import (
    Block,
    Blocks,
    Break,
    Emphasis,
    Heading,
    Inline,
    Inlines,
    Item,
    Link,
    Listing,
    ListKind,
    Paragraph,
    Quote,
    Rule,
    Strong,
    Table,
    Words,
)

RULE = "* * *"
CELLS = " | "


def plain_text(source: str) -> str:
    """Return a text without markup; each link is followed by its address.

    :param source: Markdown, or pasted text
    """
    return _blocks(read_text(source).blocks)


def _blocks(blocks: Blocks) -> str:
    return "\n\n".join(map(_block, blocks))


def _block(block: Block) -> str:
    match block:
        case Paragraph(inlines) | Heading(_, inlines):
            return _inlines(inlines)
        case Rule():
            return RULE
        case Quote(inside):
            return _indented(_blocks(inside), "> ", "> ")
        case Listing(kind, items):
            gap = "\n" if all(map(_is_tight, items)) else "\n\n"
            return gap.join(_item(item, kind) for item in items)
        case Table(head, rows):
            return "\n".join(CELLS.join(map(_cell, row)) for row in (head, *rows))


def _item(item: Item, kind: ListKind) -> str:
    sign = {ListKind.NUMBERS: f"{item.number}. ", ListKind.BULLETS: "- ", ListKind.LABELS: ""}[kind]
    gap = "\n" if _is_tight(item) else "\n\n"
    return _indented(gap.join(map(_block, item.blocks)), sign, " " * max(len(sign), 2))


def _is_tight(item: Item) -> bool:
    return all(not isinstance(block, Paragraph) or block.is_tight for block in item.blocks)


def _indented(text: str, first: str, others: str) -> str:
    begun = first + text
    return "\n".join(line and (others + line if place else line) for place, line in enumerate(begun.split("\n")))


def _cell(inlines: Inlines) -> str:
    return " ".join(_inlines(inlines).split())


def _inlines(inlines: Inlines) -> str:
    return "".join(map(_inline, inlines))


def _inline(inline: Inline) -> str:
    match inline:
        case Words(text):
            return text
        case Break():
            return "\n"
        case Strong(inside) | Emphasis(inside):
            return _inlines(inside)
        case Link(address, inside):
            words = _inlines(inside)
            return words if address in {words, f"mailto:{words}", f"https://{words}"} else f"{words} <{address}>"
