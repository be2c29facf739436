"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

WORDS = re.compile(r"\s+|[^\s]+")
SAME, ADDED, REMOVED = "same", "added", "removed"
# Paragraphs that share less than this are shown as one taken out and another put in.
LIKENESS_MIN = 0.4


@dataclass(frozen=True)
class Piece:
    """Some words, and what became of them: SAME, ADDED or REMOVED."""

    kind: str
    text: str


Paragraph = tuple[Piece, ...]


def changed_paragraphs(old: str, new: str) -> list[Paragraph]:
    """Return the paragraphs in which two texts differ, in order; those that are the same are left out."""
    before, after = _paragraphs(old), _paragraphs(new)
    found: list[Paragraph] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            found += _matched(before[old_from:old_to], after[new_from:new_to])
    return found


def changed_words(old: str, new: str) -> Paragraph:
    """Return a paragraph with what was taken out of it and put into it; its SAME and ADDED pieces are the new one."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    pieces: list[Piece] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece(SAME, "".join(after[new_from:new_to])))
            continue
        if old_to > old_from:
            pieces.append(Piece(REMOVED, "".join(before[old_from:old_to])))
        if new_to > new_from:
            pieces.append(Piece(ADDED, "".join(after[new_from:new_to])))
    return tuple(pieces)


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def _matched(before: list[str], after: list[str]) -> Iterator[Paragraph]:
    for place in range(max(len(before), len(after))):
        old = before[place] if place < len(before) else ""
        new = after[place] if place < len(after) else ""
        if old and new and SequenceMatcher(None, old.split(), new.split(), autojunk=False).ratio() >= LIKENESS_MIN:
            yield changed_words(old, new)
            continue
        if old:
            yield (Piece(REMOVED, old),)
        if new:
            yield (Piece(ADDED, new),)
