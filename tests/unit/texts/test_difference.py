"""What changed between two texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signatures.texts.difference import ADDED, REMOVED, SAME, Piece, changed_paragraphs, changed_words

TEXTS = st.text(st.sampled_from("абв g.,\n"), max_size=60)


def test_a_changed_word_is_shown_in_its_paragraph_and_all_others_are_left_out() -> None:
    old = "The first paragraph.\n\nWe ask for *six* things and for freedom.\n\nThe last."
    new = "The first paragraph.\n\nWe ask for *seven* things and for freedom.\n\nThe last."
    assert changed_paragraphs(old, new) == [
        (
            Piece(SAME, "We ask for "),
            Piece(REMOVED, "*six*"),
            Piece(ADDED, "*seven*"),
            Piece(SAME, " things and for freedom."),
        )
    ]


def test_paragraphs_that_have_little_in_common_are_one_taken_out_and_one_put_in() -> None:
    assert changed_paragraphs("Один абзац.", "Совсем другие слова.") == [
        (Piece(REMOVED, "Один абзац."),),
        (Piece(ADDED, "Совсем другие слова."),),
    ]


def test_a_paragraph_more_or_less_is_shown_whole() -> None:
    assert changed_paragraphs("a\n\nb", "a\n\nb\n\nc") == [(Piece(ADDED, "c"),)]
    assert changed_paragraphs("a\n\nb", "b") == [(Piece(REMOVED, "a"),)]
    assert changed_paragraphs("a\n\nb", "a\n\n\nb\n") == []


@given(old=TEXTS, new=TEXTS)
def test_both_texts_can_be_read_out_of_the_pieces(old: str, new: str) -> None:
    pieces = changed_words(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != REMOVED) == new
    before = [word for piece in pieces if piece.kind != ADDED for word in piece.text.split()]
    assert "".join(before) == "".join(old.split())


@given(old=TEXTS, new=TEXTS)
def test_nothing_is_said_to_have_changed_only_where_nothing_has(old: str, new: str) -> None:
    assert changed_paragraphs(old, old) == []
    if not changed_paragraphs(old, new):
        assert old.split() == new.split()
