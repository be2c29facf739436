"""Prints the tree of a text as safe HTML."""

from __future__ import annotations

from functools import lru_cache
from html import escape

import nh3
from django.utils.safestring import SafeString, mark_safe

from signatures.texts.linking import is_allowed
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

TAGS = {
    "p",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "blockquote",
    "a",
    "br",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "li": {"value"}, "ul": {"class"}}
SCHEMES = {"https", "http", "mailto"}
# Class of lists whose items begin with their own labels, and so have no bullets.
LABELLED = "labelled"
# Texts of petitions and replies hardly ever change, and also appear on pages that no cache may store.
TEXTS_KEPT = 64


@lru_cache(TEXTS_KEPT)
def render_markdown(text: str) -> SafeString:
    """Return sanitised HTML: no raw HTML, images, styles or scripts, only absolute links to the web and to mail.

    :param text: Markdown, or pasted text; first-level headings become second-level, since the page has its own title
    """
    return print_blocks(read_text(text).blocks)


def print_blocks(blocks: Blocks) -> SafeString:
    """Return a part of a text as sanitised HTML, as ``render_markdown`` does with all of it."""
    clean = nh3.clean(
        _blocks(blocks),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_filtered,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel="noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308 - nh3 has just sanitised it


def _filtered(tag: str, attribute: str, value: str) -> str | None:
    allowed = {"href": is_allowed, "class": LABELLED.__eq__}.get(attribute)
    return value if allowed is None or allowed(value) else None


def _blocks(blocks: Blocks) -> str:
    return "".join(map(_block, blocks))


def _block(block: Block) -> str:
    match block:
        case Paragraph(inlines, is_tight):
            return f"{_inlines(inlines)}\n" if is_tight else f"<p>{_inlines(inlines)}</p>\n"
        case Heading(level, inlines):
            return f"<h{level}>{_inlines(inlines)}</h{level}>\n"
        case Rule():
            return "<hr>\n"
        case Quote(inside):
            return f"<blockquote>\n{_blocks(inside)}</blockquote>\n"
        case Listing():
            return _listing(block)
        case Table(head, rows):
            return f"<table>\n<thead>\n{_row('th', head)}</thead>\n{_rows(rows)}</table>\n"


def _listing(listing: Listing) -> str:
    if listing.kind == ListKind.NUMBERS:
        first = listing.items[0].number
        start = f' start="{first}"' if first != 1 else ""
        items = "".join(_item(item, first + place) for place, item in enumerate(listing.items))
        return f"<ol{start}>\n{items}</ol>\n"
    items = "".join(_item(item, item.number) for item in listing.items)
    labelled = f' class="{LABELLED}"' if listing.kind == ListKind.LABELS else ""
    return f"<ul{labelled}>\n{items}</ul>\n"


def _item(item: Item, expected: int) -> str:
    value = f' value="{item.number}"' if item.number != expected else ""
    inside = _blocks(item.blocks)
    is_tight = all(isinstance(block, Paragraph) and block.is_tight for block in item.blocks)
    return f"<li{value}>{inside.rstrip() if is_tight else inside}</li>\n"


def _rows(rows: tuple[tuple[Inlines, ...], ...]) -> str:
    return f"<tbody>\n{''.join(_row('td', row) for row in rows)}</tbody>\n" if rows else ""


def _row(tag: str, cells: tuple[Inlines, ...]) -> str:
    return "<tr>\n" + "".join(f"<{tag}>{_inlines(cell)}</{tag}>\n" for cell in cells) + "</tr>\n"


def _inlines(inlines: Inlines) -> str:
    return "".join(map(_inline, inlines))


def _inline(inline: Inline) -> str:
    match inline:
        case Words(text):
            return escape(text, quote=False)
        case Break():
            return "<br>\n"
        case Strong(inside):
            return f"<strong>{_inlines(inside)}</strong>"
        case Emphasis(inside):
            return f"<em>{_inlines(inside)}</em>"
        case Link(address, inside):
            return f'<a href="{escape(address)}">{_inlines(inside)}</a>'
