"""Converts the tree of a text into the nodes that document.typ typesets."""

from __future__ import annotations

from typing import Any

from signatures.delivering.writers.pdf.names import visible
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

# Typst fails on deeper nesting; what is deeper is printed without further indents.
DEPTH_MAX = 6
Node = dict[str, Any]


def typst_nodes(text: str) -> list[Node]:
    """Return the nodes of a Markdown text; unsupported markup, such as raw HTML, stays visible as text."""
    return _blocks(read_text(text).blocks, 0)


def _blocks(blocks: Blocks, depth: int) -> list[Node]:
    return [node for block in blocks for node in _block(block, depth)]


def _block(block: Block, depth: int) -> list[Node]:  # noqa: PLR0911 - one for each kind of block
    match block:
        case Paragraph(inlines):
            return [{"kind": "paragraph", "inline": _inlines(inlines)}]
        case Heading(level, inlines):
            return [{"kind": "heading", "level": level, "inline": _inlines(inlines)}]
        case Rule():
            return [{"kind": "hr"}]
        case Quote(inside):
            if depth == DEPTH_MAX:
                return _blocks(inside, depth)
            return [{"kind": "blockquote", "blocks": _blocks(inside, depth + 1)}]
        case Listing(kind, items):
            if depth == DEPTH_MAX:
                return [node for item in items for node in _item_in_words(item, kind)]
            return [
                {
                    "kind": str(kind),
                    "items": [{"number": item.number, "blocks": _blocks(item.blocks, depth + 1)} for item in items],
                }
            ]
        case Table(head, rows):
            cells = [[_inlines(cell) for cell in row] for row in (head, *rows)]
            return [{"kind": "table", "columns": len(head), "head": cells[0], "rows": cells[1:]}]


def _item_in_words(item: Item, kind: ListKind) -> list[Node]:
    """Return a list item as plain blocks, its number prepended to its text."""
    nodes = _blocks(item.blocks, DEPTH_MAX)
    if kind != ListKind.NUMBERS:
        return nodes
    number = {"kind": "text", "text": f"{item.number}. "}
    if nodes and nodes[0]["kind"] == "paragraph":
        return [{"kind": "paragraph", "inline": [number, *nodes[0]["inline"]]}, *nodes[1:]]
    return [{"kind": "paragraph", "inline": [number]}, *nodes]


def _inlines(inlines: Inlines) -> list[Node]:
    return list(map(_inline, inlines))


def _inline(inline: Inline) -> Node:
    match inline:
        case Words(text):
            return {"kind": "text", "text": visible(text)}
        case Break():
            return {"kind": "break"}
        case Strong(inside):
            return {"kind": "strong", "inline": _inlines(inside)}
        case Emphasis(inside):
            return {"kind": "em", "inline": _inlines(inside)}
        case Link(address, inside):
            return {"kind": "link", "address": address, "inline": _inlines(inside)}
