"""What a text begins with, for places that have no room for all of it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import takewhile

from django.utils.safestring import SafeString
from django.utils.text import Truncator

from signatures.texts.html_printer import TEXTS_KEPT, print_blocks
from signatures.texts.reading import read_text
from signatures.texts.tree import Break, Inline, Inlines, Paragraph, Strong, Words

# Characters, about two lines.
FOLDED_FROM = 100
# Of less than a sentence nobody can take care.
SENTENCE_ENDS = (".", "!", "?", "…")
SENTENCE_LENGTH_MIN = 20


@lru_cache(TEXTS_KEPT)
def bold_opening(text: str) -> tuple[SafeString, SafeString]:
    """Return the bold sentences that a text begins with and what follows them, both as safe HTML.

    Without such a sentence all of it stands in the first: nothing may be folded away where nobody has marked the core.
    So it does where so little follows that folding it away would win no room.

    :param text: Markdown, or pasted text
    """
    blocks = read_text(text).blocks
    first = blocks[0] if blocks else None
    if not isinstance(first, Paragraph) or not isinstance(first.inlines[0], Strong):
        return print_blocks(blocks), SafeString("")
    opening = tuple(takewhile(_is_bold_or_blank, first.inlines))
    rest = first.inlines[len(opening) :]
    if rest and isinstance(rest[0], Words):
        rest = (Words(rest[0].text.lstrip()), *rest[1:])
    followed = (replace(first, inlines=rest), *blocks[1:]) if rest else blocks[1:]
    core = _words_of(opening).strip().rstrip("»”\"')")
    if len(core) < SENTENCE_LENGTH_MIN or not core.endswith(SENTENCE_ENDS):
        return print_blocks(blocks), SafeString("")
    if len(text) - len(core) < FOLDED_FROM:
        return print_blocks(blocks), SafeString("")
    return print_blocks((replace(first, inlines=opening),)), print_blocks(followed)


@lru_cache(TEXTS_KEPT)
def first_words(text: str, length: int) -> str:
    """Return the beginning of a text's first paragraph in one line and without markup, or "".

    :param text: Markdown, or pasted text
    :param length: how many characters at most
    """
    paragraphs = (block for block in read_text(text).blocks if isinstance(block, Paragraph))
    first = next(paragraphs, None)
    return Truncator(" ".join(_words_of(first.inlines).split())).chars(length) if first is not None else ""


def _is_bold_or_blank(inline: Inline) -> bool:
    return isinstance(inline, Strong | Break) or (isinstance(inline, Words) and not inline.text.strip())


def _words_of(inlines: Inlines) -> str:
    parts = []
    for inline in inlines:
        match inline:
            case Words(text):
                parts.append(text)
            case Break():
                parts.append(" ")
            case _:
                parts.append(_words_of(inline.inlines))
    return "".join(parts)
