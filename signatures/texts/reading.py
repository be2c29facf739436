"""Parses a typed or pasted text into the tree that all printers take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from markdown_it.tree import SyntaxTreeNode

from signatures.texts.invisible import visible_text
from signatures.texts.linking import REFUSED, with_bare_links
from signatures.texts.parsing import TextParser
from signatures.texts.pasting import LABEL, PARAGRAPH_CHARACTERS, SHORT_CHARACTERS
from signatures.texts.tree import (
    Block,
    Blocks,
    Break,
    Emphasis,
    Heading,
    Inline,
    Inlines,
    Item,
    LeftOut,
    Link,
    Listing,
    ListKind,
    Paragraph,
    Quote,
    Rule,
    Strong,
    Table,
    Text,
    Words,
)

# One parser for every printer, so that all show the same.
PARSER = TextParser()
TEXTS_REMEMBERED = 64
HEADING_LEVELS = range(2, 5)
# The character that word processors use for an inline picture.
PICTURE_PLACE = "\ufffc"
BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
STARS = re.compile(r"\*\*|[^\W_]__|__[^\W_]")
BLANKS = re.compile(r"\s")


@lru_cache(TEXTS_REMEMBERED)
def read_text(source: str) -> Text:
    """Return the tree of a text.

    :param source: Markdown, or text pasted from a word processor, a mail or a website
    """
    tokens, used = PARSER.read(source)
    return _Reader(used).text(SyntaxTreeNode(tokens))


class _Reader:
    """Converts the parser's tokens of one text, and notes what is left out."""

    def __init__(self, used: set[str]) -> None:
        """Remember the labels of addresses that the text uses.

        :param used: the labels as normalised by the library
        """
        self.used = used
        self.defined: set[str] = set()
        self.pictures: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.stars: list[str] = []

    def text(self, root: SyntaxTreeNode) -> Text:
        blocks = self.blocks(root)
        return Text(
            blocks,
            LeftOut(tuple(self.pictures), tuple(self.addresses), tuple(self.tags), tuple(self.stars)),
        )

    def blocks(self, node: SyntaxTreeNode) -> Blocks:
        return tuple(block for child in node.children for block in self.block(child))

    def block(self, node: SyntaxTreeNode) -> Iterator[Block]:
        kind = node.type
        if kind == "paragraph":
            if inlines := self.inlines(node):
                yield Paragraph(inlines, is_tight=node.hidden)
        elif kind == "heading":
            if inlines := self.inlines(node):
                yield Heading(min(max(int(node.tag[1:]), HEADING_LEVELS[0]), HEADING_LEVELS[-1]), inlines)
        elif kind == "hr":
            yield Rule()
        elif kind == "blockquote":
            yield Quote(self.blocks(node))
        elif kind in {"bullet_list", "ordered_list"}:
            yield self.listing(node)
        elif kind == "table":
            head, *rows = (row for part in node.children for row in part.children)
            yield Table(self.row(head), tuple(map(self.row, rows)))
        elif kind == "definition":
            yield from self.definition(node)
        else:
            yield Paragraph(tuple(self.words(node.content)))

    def row(self, node: SyntaxTreeNode) -> tuple[Inlines, ...]:
        return tuple(self.inlines(cell) for cell in node.children)

    def listing(self, node: SyntaxTreeNode) -> Listing:
        blocks = [self.blocks(item) for item in node.children]
        if node.type == "bullet_list":
            kind = ListKind.LABELS if all(map(_is_labelled, blocks)) else ListKind.BULLETS
            return Listing(kind, tuple(Item(0, one) for one in blocks))
        typed = [int(item.info) for item in node.children]
        if len(set(typed)) == 1:
            # Many type "1." before each item and leave the counting to Markdown.
            typed = list(range(typed[0], typed[0] + len(typed)))
        return Listing(ListKind.NUMBERS, tuple(Item(*one) for one in zip(typed, blocks, strict=True)))

    def definition(self, node: SyntaxTreeNode) -> Iterator[Block]:
        """Yield a link definition whose label is unused as text: otherwise it would vanish with its title."""
        label = node.meta["id"]
        if label in self.used and label not in self.defined:
            self.defined.add(label)
            return
        title = f' "{node.meta["title"]}"' if node.meta["title"] else ""
        yield Paragraph(tuple(self.words(f"[{node.meta['label']}]: {node.meta['url']}{title}")))

    def inlines(self, node: SyntaxTreeNode) -> Inlines:
        """Return the inline content of a block, without breaks and blanks at its ends."""
        found: list[Inline] = []
        for child in node.children:
            if child.type == "inline":
                keeps = not _is_wrapped(child.content.split("\n"))
                found += self.inline_nodes(child, keeps_breaks=keeps, in_link=False)
        return _trimmed(found)

    def inline_nodes(self, node: SyntaxTreeNode, *, keeps_breaks: bool, in_link: bool) -> list[Inline]:
        found: list[Inline] = []
        for child in node.children:
            found += self.inline(child, keeps_breaks=keeps_breaks, in_link=in_link)
        return found

    def inline(self, node: SyntaxTreeNode, *, keeps_breaks: bool, in_link: bool) -> list[Inline]:
        kind = node.type
        if kind == "softbreak":
            return [Break() if keeps_breaks else Words(" ")]
        if kind == "hardbreak":
            return [Break()]
        if kind in {"strong", "em", "link"}:
            inside = tuple(self.inline_nodes(node, keeps_breaks=keeps_breaks, in_link=in_link or kind == "link"))
            return [_around(node, inside)]
        if kind == "image":
            self.pictures.append(" ".join(visible_text(node.content).split()))
        elif kind == REFUSED:
            self.addresses.append(node.content)
        else:
            return list(self.words(node.content, in_link=in_link))
        return []

    def words(self, text: str, *, in_link: bool = True) -> Iterator[Inline]:
        """Yield the inlines for a piece of text, and note what may not have been meant that way."""
        self.pictures += [""] * text.count(PICTURE_PLACE)
        text = visible_text(text).replace(PICTURE_PLACE, "")
        for place, line in enumerate(BREAK_TAG.split(text)):
            if place:
                yield Break()
            plain = BLANKS.sub(lambda blank: blank.group() if blank.group() in "\xa0\u202f\u2009" else " ", line)
            self.tags += TAG.findall(plain)
            self.stars += [] if in_link else [word for word in plain.split() if STARS.search(word)]
            for piece, address in [(plain, "")] if in_link else with_bare_links(plain):
                if address:
                    yield Link(address, (Words(piece),))
                elif piece:
                    yield Words(piece)


def _around(node: SyntaxTreeNode, inside: Inlines) -> Inline:
    if node.type == "link":
        return Link(str(node.attrs["href"]), inside)
    return Strong(inside) if node.type == "strong" else Emphasis(inside)


def _is_labelled(blocks: Blocks) -> bool:
    if not blocks or not isinstance(blocks[0], Paragraph):
        return False
    first = blocks[0].inlines[0]
    return isinstance(first, Words) and LABEL.match(first.text) is not None


def _is_wrapped(lines: list[str]) -> bool:
    """Return whether lines were wrapped at some width by a mail program or an editor.

    Then no line had room for the first word of the next one.
    """
    width = max(map(len, lines))
    if not SHORT_CHARACTERS <= width <= PARAGRAPH_CHARACTERS:
        return False
    words = ((line, after.split(maxsplit=1)) for line, after in pairwise(lines))
    return all(len(line) + 1 + len(following[0]) > width for line, following in words if following)


def _trimmed(inlines: list[Inline]) -> Inlines:
    said = [place for place, inline in enumerate(inlines) if not _is_blank(inline)]
    return tuple(inlines[said[0] : said[-1] + 1]) if said else ()


def _is_blank(inline: Inline) -> bool:
    return isinstance(inline, Break) or (isinstance(inline, Words) and not inline.text.strip())
