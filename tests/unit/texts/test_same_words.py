"""The page, the PDF, the text files and the digest have the same words, whatever was pasted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signatures.delivering.letter import PetitionText
from tests.support.papers import LETTER, files, text_of
from tests.support.same_words import (
    BLOCKS,
    MIXED,
    PASTED,
    digest_words,
    document_words,
    file_words,
    page_words,
    words_in,
)


def assert_same_words(source: str) -> None:
    """Assert that every output has all words of the source, in the same order."""
    shown = page_words(source)
    assert document_words(source) == shown
    assert file_words(source) == shown
    assert set(digest_words(source)) == set(shown)


@pytest.mark.parametrize("block", BLOCKS)
def test_each_kind_of_pasted_text_keeps_its_words(block: str) -> None:
    source = block.replace("@\u200b", "\u200b").replace("@", "сл1во")
    assert page_words(source).count("сл1во") == source.count("сл1во")
    assert_same_words(source)


@settings(max_examples=1000, deadline=None)
@given(PASTED)
@example('![сл1во](https://example.org/a.png "сл2во")')
def test_pasted_text_has_the_same_words_in_all_outputs(source: str) -> None:
    assert_same_words(source)


@settings(max_examples=1000, deadline=None)
@given(MIXED)
def test_any_combination_of_markup_has_the_same_words_in_all_outputs(source: str) -> None:
    assert_same_words(source)


@settings(max_examples=12, deadline=None)
@given(st.lists(PASTED, min_size=25, max_size=25))
def test_the_pdf_contains_the_words(sources: list[str]) -> None:
    texts = tuple(PetitionText("ru", "Текст", "Кратко", source) for source in sources)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "petition.pdf"
        path.write_bytes(files(replace(LETTER, texts=texts), [], 0)["petition.pdf"])
        said = text_of(path, "-raw")
    assert words_in(said) == [word for source in sources for word in page_words(source)]
