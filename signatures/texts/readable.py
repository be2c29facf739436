"""Strips Markdown markup from the changes of a text, since readers of a page never see it."""

from __future__ import annotations

import re
from typing import Any

from signatures.texts.difference import ADDED, PARTS, REMOVED, SAME, Paragraph, Piece, stored_paragraphs

MARKDOWN = "body"
# At the start of a line: headings, quotations and lists, whose markers become bullets.
HEADING = re.compile(r"(?m)^[ \t]*#{1,6}[ \t]+")
QUOTE = re.compile(r"(?m)^[ \t]*>[ \t]?")
BULLET = re.compile(r"(?m)^([ \t]*)[*+-][ \t]+")
# Around words: emphasis, and the brackets of a link, whose address follows its words.
EMPHASIS = re.compile(r"(?<![\w*\\])\*{1,3}(?=\S)|(?<=[^\s\\])\*{1,3}(?![\w*])|(?<=[^\w\s*\\])\*{1,3}(?=\w)")
UNDERSCORES = re.compile(r"(?<![\w\\])_{1,3}(?=\w)|(?<=[^\s_\\])_{1,3}(?!\w)")
LINK_END = re.compile(r"\]\((?:<([^>]*)>|([^()\s]*))[^()]*\)")
# Not brackets that are closed without an address following.
LINK_START = re.compile(r"!?\[(?!\s)(?![^\]]*\](?!\())")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def readable_paragraphs(stored: dict[str, list[Any]]) -> list[Paragraph]:
    """Return the changed paragraphs from the result of ``changes_by_part``, part by part; only the body is Markdown."""
    return [
        readable(paragraph) if part == MARKDOWN else paragraph
        for part in PARTS
        for paragraph in stored_paragraphs({part: stored.get(part, [])})
    ]


def readable(paragraph: Paragraph) -> Paragraph:
    """Return a paragraph as readers see it, or as it was typed if only markup changed.

    :param paragraph: the removed, added and unchanged pieces of its source
    """
    shown = tuple(Piece(piece.kind, text) for piece, text in zip(paragraph, _without_signs(paragraph), strict=True))
    old, new = ("".join(piece.text for piece in shown if piece.kind != other) for other in (ADDED, REMOVED))
    return tuple(piece for piece in shown if piece.text) if old.split() != new.split() else paragraph


def _without_signs(paragraph: Paragraph) -> list[str]:
    texts = []
    begins = True
    has_link = LINK_END.search("".join(piece.text for piece in paragraph)) is not None
    for piece in paragraph:
        texts.append(_plain(piece.text, begins=begins, has_link=has_link))
        begins = piece.text.endswith("\n") or (begins and piece.kind != SAME)
    return texts


def _plain(text: str, *, begins: bool, has_link: bool) -> str:
    """Return a piece of a source without markup.

    :param begins: whether it is at the start of a line
    :param has_link: whether its paragraph has a link, which may start or end in another piece
    """
    first, line_end, others = ("", "", text) if begins else text.partition("\n")
    for sign in (HEADING, QUOTE):
        others = sign.sub("", others)
    text = first + line_end + BULLET.sub(r"\1• ", others)
    if has_link:
        text = LINK_START.sub("", text)
    text = LINK_END.sub(lambda found: f" ({found[1] or found[2]})" if found[1] or found[2] else "", text)
    return ESCAPE.sub(r"\1", UNDERSCORES.sub("", EMPHASIS.sub("", text)))
