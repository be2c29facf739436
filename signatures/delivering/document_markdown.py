"""Reads Markdown into the tree that the template of the document sets."""

from __future__ import annotations

from typing import Any

from markdown_it.tree import SyntaxTreeNode

from signatures.delivering.document_names import visible
from signatures.texts.rendering import MARKDOWN

# The document has headings of its own above those of a text.
HEADING_LEVEL_MAX = 4
# Typst gives up on deeper ones; what is deeper still stands there, without a further indent.
DEPTH_MAX = 6
NESTING = {"bullet_list", "ordered_list", "list_item", "blockquote"}
Node = dict[str, Any]


def markdown_tree(text: str) -> list[Node]:
    """Return the blocks of a text; what the site does not show, such as raw HTML, stays visible as text."""
    return _blocks(SyntaxTreeNode(MARKDOWN.parse(text)), 0)


def _block(node: SyntaxTreeNode, depth: int) -> list[Node]:
    kind = node.type
    if kind in NESTING:
        return _nested(node, depth)
    block: Node = {"kind": kind}
    if kind == "table":
        rows = [[_inlines(cell) for cell in row.children] for part in node.children for row in part.children]
        block |= {"columns": len(rows[0]), "head": rows[0], "rows": rows[1:]}
    elif kind == "heading":
        block |= {"inline": _inlines(node), "level": min(max(int(node.tag[1:]), 2), HEADING_LEVEL_MAX)}
    elif kind != "hr":
        block = {"kind": "paragraph", "inline": _inlines(node) if kind == "paragraph" else [_text(node.content)]}
    return [block]


def _nested(node: SyntaxTreeNode, depth: int) -> list[Node]:
    if node.type == "list_item" or depth == DEPTH_MAX:
        return _blocks(node, depth)
    if node.type == "blockquote":
        return [{"kind": node.type, "blocks": _blocks(node, depth + 1)}]
    items = [_blocks(item, depth + 1) for item in node.children]
    return [{"kind": node.type, "items": items, "start": int(node.attrs.get("start", 1))}]


def _blocks(node: SyntaxTreeNode, depth: int) -> list[Node]:
    return [block for child in node.children for block in _block(child, depth)]


def _inlines(node: SyntaxTreeNode) -> list[Node]:
    found = []
    for child in node.children:
        found.extend(_inlines(child) if child.type == "inline" else _inline(child))
    return found


def _inline(node: SyntaxTreeNode) -> list[Node]:
    kind = node.type
    if kind in {"strong", "em"}:
        return [{"kind": kind, "inline": _inlines(node)}]
    if kind == "link":
        return [{"kind": kind, "address": str(node.attrs["href"]), "inline": _inlines(node)}]
    if kind == "softbreak":
        return [_text(" ")]
    if kind == "hardbreak":
        return [{"kind": kind}]
    return [_text(node.content)]


def _text(text: str) -> Node:
    return {"kind": "text", "text": visible(text)}
