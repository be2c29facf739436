"""Compares two texts word by word, in bounded time whatever they contain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from signatures.texts.matching import Block, Steps, common_blocks

WORDS = re.compile(r"\s+|\S+")
LINES = re.compile(r"[^\n]*\n|[^\n]+")
SAME, ADDED, REMOVED = "same", "added", "removed"
# Paragraphs with less in common are shown as one removed and another added.
LIKENESS_MIN = 0.4
# About a quarter of a second. Whatever is not compared by then is shown as removed and added.
STEPS_MAX = 1_000_000
# No paragraph uses more than one part in this many of the remaining steps.
SHARES = 4
# The parts of a text that are compared word by word.
PARTS = ("title", "summary", "body", "consent")


@dataclass(frozen=True)
class Piece:
    """Some words and their fate: SAME, ADDED or REMOVED."""

    kind: str
    text: str


Paragraph = tuple[Piece, ...]


@dataclass(frozen=True)
class Change:
    """A changed paragraph.

    :param kept: how many unchanged paragraphs lie between the previous change and this one
    :param pieces: its words; SAME and REMOVED make the old paragraph, SAME and ADDED the new one
    """

    kept: int
    pieces: Paragraph


def changed_paragraphs(old: str, new: str) -> list[Change]:
    """Return the paragraphs in which two texts differ, in order."""
    before, after = _paragraphs(old), _paragraphs(new)
    steps = Steps(STEPS_MAX)
    blocks = common_blocks(*_numbered(before, after), steps, most=steps.share(SHARES)) or []
    changes: list[Change] = []
    kept = 0
    for taken_out, put_in, block in _gaps(blocks, before, after):
        for pieces in _matched(taken_out, put_in, steps):
            changes.append(Change(kept, pieces))
            kept = 0
        kept += block.length
    return changes


def changed_words(old: str, new: str, steps: Steps) -> Paragraph:
    """Return the pieces of a paragraph, both removed and added; its SAME and ADDED pieces make the new one.

    :param steps: the budget; if comparing words exceeds it, lines are compared, and failing that nothing
    """
    for units in (WORDS, LINES):
        before, after = units.findall(old), units.findall(new)
        blocks = common_blocks(*_numbered(before, after), steps, most=steps.share(SHARES))
        if blocks is not None:
            return tuple(_pieces(blocks, before, after))
    return tuple(_replaced(old, new))


def changes_by_part(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the differences of two texts in the form that is stored with the newer one.

    :param old: the older text, by part
    :param new: the newer text, by part
    :returns: for each changed part a list of changes: the number of unchanged paragraphs before it, and kind and text
        of each piece
    """
    found = {}
    for part in PARTS:
        changes = changed_paragraphs(old[part], new[part])
        if changes:
            found[part] = [[change.kept, [[piece.kind, piece.text] for piece in change.pieces]] for change in changes]
    return found


def stored_paragraphs(stored: dict[str, list[Any]]) -> list[Paragraph]:
    """Return the changed paragraphs from the result of ``changes_by_part``, part by part."""
    return [tuple(Piece(kind, text) for kind, text in pieces) for part in PARTS for _, pieces in stored.get(part, [])]


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def _numbered(before: list[str], after: list[str]) -> tuple[list[int], list[int]]:
    """Replace equal texts by equal numbers, so that a comparison takes constant time."""
    numbers: dict[str, int] = {}
    old, new = ([numbers.setdefault(unit, len(numbers)) for unit in units] for units in (before, after))
    return old, new


def _gaps(blocks: list[Block], before: list[str], after: list[str]) -> Iterator[tuple[list[str], list[str], Block]]:
    """Yield what was removed and added before each common block, and the block; the last block is empty."""
    at_old = at_new = 0
    for block in (*blocks, Block(len(before), len(after), 0)):
        yield before[at_old : block.old], after[at_new : block.new], block
        at_old, at_new = block.old + block.length, block.new + block.length


def _pieces(blocks: list[Block], before: list[str], after: list[str]) -> Iterator[Piece]:
    for taken_out, put_in, block in _gaps(blocks, before, after):
        yield from _replaced("".join(taken_out), "".join(put_in))
        if block.length:
            yield Piece(SAME, "".join(after[block.new : block.new + block.length]))


def _replaced(old: str, new: str) -> Iterator[Piece]:
    if old:
        yield Piece(REMOVED, old)
    if new:
        yield Piece(ADDED, new)


def _matched(before: list[str], after: list[str], steps: Steps) -> Iterator[Paragraph]:
    for place in range(max(len(before), len(after))):
        old = before[place] if place < len(before) else ""
        new = after[place] if place < len(after) else ""
        pieces = changed_words(old, new, steps) if old and new else ()
        if _likeness(pieces) >= LIKENESS_MIN:
            yield pieces
            continue
        yield from ((piece,) for piece in _replaced(old, new))


def _likeness(pieces: Paragraph) -> float:
    """Return the proportion of words that two paragraphs have in common, from 0 to 1."""
    words = {
        kind: sum(len(piece.text.split()) for piece in pieces if piece.kind == kind) for kind in (SAME, ADDED, REMOVED)
    }
    both = 2 * words[SAME] + words[ADDED] + words[REMOVED]
    return 2 * words[SAME] / both if both else 0.0
