"""Changes are shown as readers see the text, and no word is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.texts.difference import ADDED, REMOVED, changed_paragraphs
from signatures.texts.readable import readable

WORD = st.text(st.sampled_from("абвabc"), min_size=1, max_size=4)
MARKED = st.one_of(
    WORD, WORD.map("**{}**".format), WORD.map("*{}*".format), WORD.map("[{}](https://example.org)".format)
)
LINE = st.builds(
    str.__add__, st.sampled_from(["", "## ", "- ", "1. ", "> "]), st.lists(MARKED, min_size=1).map(" ".join)
)
TEXT = st.lists(LINE, min_size=1, max_size=4).map("\n".join)


def shown(old: str, new: str) -> list[list[tuple[str, str]]]:
    """Return kind and text of each piece of a change."""
    return [[(piece.kind, piece.text) for piece in readable(change.pieces)] for change in changed_paragraphs(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        (
            "## What we ask **now**",
            "## What we demand **now**",
            [("same", "What we "), ("removed", "ask"), ("added", "demand"), ("same", " now")],
        ),
        (
            "See [our old page](https://example.org/a_b) here",
            "See [our new page](https://example.org/a_b) here",
            [
                ("same", "See our "),
                ("removed", "old"),
                ("added", "new"),
                ("same", " page (https://example.org/a_b) here"),
            ],
        ),
        ("- one [sic]\n- two", "- one [sic]\n- three", None),
        ("3 \\* 4 = 12", "3 \\* 4 = 13", [("same", "3 * 4 = "), ("removed", "12"), ("added", "13")]),
    ],
)
def test_no_markdown_markup_is_shown(old: str, new: str, pieces: list[tuple[str, str]] | None) -> None:
    (found,) = shown(old, new)
    assert found == (pieces or [("same", "• one [sic]\n• "), ("removed", "two"), ("added", "three")])


def test_markup_is_shown_if_nothing_else_changed() -> None:
    assert shown("a word", "a **word**") == [[("same", "a "), ("removed", "word"), ("added", "**word**")]]


@given(TEXT, TEXT)
def test_the_words_of_both_texts_stay_in_their_order(old: str, new: str) -> None:
    def letters(text: str) -> str:
        return "".join(re.findall(r"[абвabc0-9]", text))

    for change in changed_paragraphs(old, new):
        for other in (ADDED, REMOVED):
            before = "".join(piece.text for piece in change.pieces if piece.kind != other)
            after = "".join(piece.text for piece in readable(change.pieces) if piece.kind != other)
            assert letters(after) == letters(before)
