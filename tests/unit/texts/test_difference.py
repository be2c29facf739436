"""Differences are shown word by word, no word of either text is lost, and no text takes long."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signatures.texts import difference, matching
from signatures.texts.difference import (
    ADDED,
    PARTS,
    REMOVED,
    SAME,
    STEPS_MAX,
    Change,
    Paragraph,
    Piece,
    changed_paragraphs,
    changed_words,
    changes_by_part,
    stored_paragraphs,
)
from signatures.texts.matching import Steps
from tests.support.call_counting import lines_run

TEXTS = st.text(st.sampled_from("абв g.,\n"), max_size=60)
# The worst case for comparing words: long texts with few different words.
REPEATED = st.lists(st.sampled_from(["a", "b", "\n", "\n\n", "c d"]), max_size=400).map(" ".join)
LINES_PER_STEP = 10


def paragraphs_of(text: str) -> list[str]:
    """Return the paragraphs of a text, split independently of the site's code."""
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return ["\n".join(lines).strip() for lines in found if lines]


def applied(old: str, changes: list[Change]) -> list[str]:
    """Apply changes to a text and return its paragraphs; the words to be removed must match."""
    before, after = paragraphs_of(old), []
    for change in changes:
        after += [before.pop(0) for _ in range(change.kept)]
        taken = "".join(piece.text for piece in change.pieces if piece.kind != ADDED)
        put = "".join(piece.text for piece in change.pieces if piece.kind != REMOVED)
        assert not taken or before.pop(0) == taken
        after += [put] if put else []
    return after + before


def shown(old: str, new: str) -> list[Paragraph]:
    """Return the changed paragraphs without the unchanged ones in between."""
    return [change.pieces for change in changed_paragraphs(old, new)]


def list_of_names(edits: int, between: str) -> tuple[str, str]:
    """Return a list of 1,200 names, and the same with some of them changed."""
    chance = random.Random(1)  # noqa: S311 - the same list in every run
    names = [f"* Name{chance.randrange(900)} Surname{chance.randrange(900)}" for _ in range(1200)]
    changed = list(names)
    for place in chance.sample(range(1200), edits):
        changed[place] = f"* Another{place} Name"
    return between.join(names), between.join(changed)


def few_words(amount: int, between: str) -> tuple[str, str]:
    """Return two texts of the words a and b in any order."""
    chance = random.Random(1)  # noqa: S311 - the same texts in every run
    first, second = ([chance.choice("ab") for _ in range(amount)] for _ in range(2))
    return between.join(first), between.join(second)


NASTY = {
    "names in lines": list_of_names(60, "\n"),
    "names in paragraphs": list_of_names(60, "\n\n"),
    "a b a b": ("a b " * 450, "b a a b " * 225),
    "a and b in any order": few_words(3000, " "),
    "a and b in lines": few_words(3000, "\n"),
    "a and b in paragraphs": few_words(3000, "\n\n"),
    "many hard paragraphs": tuple("\n\n".join([text] * 60) for text in few_words(150, " ")),
    "nothing in common": (" ".join(f"w{n}" for n in range(8000)), " ".join(f"v{n}" for n in range(8000))),
    "one long word": ("a" * 50_000, "a" * 50_000 + "b"),
}


def test_a_changed_word_is_shown_in_its_paragraph_without_unchanged_paragraphs() -> None:
    old = "The first paragraph.\n\nWe ask for *six* things and for freedom.\n\nThe last."
    new = "The first paragraph.\n\nWe ask for *seven* things and for freedom.\n\nThe last."
    assert shown(old, new) == [
        (
            Piece(SAME, "We ask for "),
            Piece(REMOVED, "*six*"),
            Piece(ADDED, "*seven*"),
            Piece(SAME, " things and for freedom."),
        )
    ]


def test_paragraphs_with_little_in_common_are_shown_as_removed_and_added() -> None:
    assert shown("Один абзац.", "Совсем другие слова.") == [
        (Piece(REMOVED, "Один абзац."),),
        (Piece(ADDED, "Совсем другие слова."),),
    ]


def test_an_added_or_removed_paragraph_is_shown_whole() -> None:
    assert shown("a\n\nb", "a\n\nb\n\nc") == [(Piece(ADDED, "c"),)]
    assert shown("a\n\nb", "b") == [(Piece(REMOVED, "a"),)]
    assert shown("a\n\nb", "a\n\n\nb\n") == []


@given(old=TEXTS, new=TEXTS)
def test_both_texts_can_be_reconstructed_from_the_pieces(old: str, new: str) -> None:
    pieces = changed_words(old, new, Steps(STEPS_MAX))
    assert "".join(piece.text for piece in pieces if piece.kind != REMOVED) == new
    assert "".join(piece.text for piece in pieces if piece.kind != ADDED) == old


@given(old=TEXTS, new=TEXTS)
def test_there_are_no_changes_only_if_the_texts_are_equal(old: str, new: str) -> None:
    assert changed_paragraphs(old, old) == []
    if not changed_paragraphs(old, new):
        assert old.split() == new.split()


@given(old=TEXTS | REPEATED, new=TEXTS | REPEATED)
@example(old="a\n \nb", new="a\n\n\n c")
def test_the_changes_of_the_old_text_make_the_new_one(old: str, new: str) -> None:
    assert applied(old, changed_paragraphs(old, new)) == paragraphs_of(new)


@pytest.mark.parametrize("name", NASTY)
def test_no_text_takes_more_steps_than_are_allowed_and_no_word_is_lost(name: str) -> None:
    old, new = NASTY[name]
    allowed = STEPS_MAX + len(old.split()) + len(new.split())
    assert lines_run((difference, matching), lambda: changed_paragraphs(old, new)) <= LINES_PER_STEP * allowed
    assert applied(old, changed_paragraphs(old, new)) == paragraphs_of(new)


@given(old=REPEATED, new=REPEATED)
def test_however_few_steps_are_left_no_word_is_lost(old: str, new: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for most in (0, 10, 200):
            patch.setattr(difference, "STEPS_MAX", most)
            assert applied(old, changed_paragraphs(old, new)) == paragraphs_of(new)


def test_sixty_changed_names_of_1200_are_shown_and_no_others() -> None:
    for between, most in (("\n", 500), ("\n\n", 120)):
        pieces = [piece for paragraph in shown(*list_of_names(60, between)) for piece in paragraph]
        assert sum(len(piece.text.split()) for piece in pieces if piece.kind != SAME) <= 360
        assert len(pieces) <= most


def test_where_words_take_too_long_lines_are_compared() -> None:
    first, second = few_words(900, " ")
    head, end = "The same first line.\n", "\nThe same last line. " + "The same words. " * 500
    assert changed_words(head + first + end, head + second + end, Steps(200_000)) == (
        Piece(SAME, head),
        Piece(REMOVED, first + "\n"),
        Piece(ADDED, second + "\n"),
        Piece(SAME, end.removeprefix("\n")),
    )


@given(st.lists(TEXTS, min_size=8, max_size=8))
def test_stored_changes_equal_the_computed_ones(texts: list[str]) -> None:
    old, new = dict(zip(PARTS, texts[:4], strict=True)), dict(zip(PARTS, texts[4:], strict=True))
    stored = json.loads(json.dumps(changes_by_part(old, new)))
    assert stored_paragraphs(stored) == [one for part in PARTS for one in shown(old[part], new[part])]
    for part in PARTS:
        changes = [Change(kept, tuple(Piece(*piece) for piece in pieces)) for kept, pieces in stored.get(part, [])]
        assert applied(old[part], changes) == paragraphs_of(new[part])
