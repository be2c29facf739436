"""The core of a notice stands apart from the rest, and no word is lost between the two."""

from __future__ import annotations

import pytest
from django.utils.html import strip_tags

from signatures.texts.html_printer import render_markdown
from signatures.texts.opening_words import bold_opening, first_words

MORE = "The mayor reads this. " * 6


@pytest.mark.parametrize(
    ("text", "opening", "rest"),
    [
        (
            f"**Take care of yourself.** {MORE}",
            "<p><strong>Take care of yourself.</strong></p>\n",
            f"<p>{MORE.strip()}</p>\n",
        ),
        (
            f"**Одни?** **Выберите «Никто».**\n{MORE}",
            "<p><strong>Одни?</strong> <strong>Выберите «Никто».</strong></p>\n",
            f"<p>{MORE.strip()}</p>\n",
        ),
        (
            f"**Take care of yourself.**\n\n- One\n- {MORE}",
            "<p><strong>Take care of yourself.</strong></p>\n",
            f"<ul>\n<li>One</li>\n<li>{MORE.strip()}</li>\n</ul>\n",
        ),
        ("**Take care.** The mayor reads.", "<p><strong>Take care.</strong> The mayor reads.</p>\n", ""),
        # No sentence, or hardly one: nothing is folded away.
        (f"**Important:** {MORE}", f"<p><strong>Important:</strong> {MORE.strip()}</p>\n", ""),
        (f"**Careful!** {MORE}", f"<p><strong>Careful!</strong> {MORE.strip()}</p>\n", ""),
        ("**All of it.**", "<p><strong>All of it.</strong></p>\n", ""),
        (f"Take **care** of it. {MORE}", f"<p>Take <strong>care</strong> of it. {MORE.strip()}</p>\n", ""),
        (f"- **One**\n- {MORE}", f"<ul>\n<li><strong>One</strong></li>\n<li>{MORE.strip()}</li>\n</ul>\n", ""),
        ("", "", ""),
    ],
)
def test_bold_words_at_the_beginning_are_the_core_and_without_any_all_of_it_is(
    text: str, opening: str, rest: str
) -> None:
    assert bold_opening(text) == (opening, rest)
    assert strip_tags("".join(bold_opening(text))).split() == strip_tags(render_markdown(text)).split()


def test_both_parts_are_as_harmless_as_the_whole() -> None:
    opening, rest = bold_opening(f"**<script>a</script>** [b](javascript:c) <img src=x onerror=d> {MORE}")
    assert "<script" not in opening
    assert "<img" not in rest
    assert "href" not in rest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "The **list** lies\nwith the [committee](https://example.org/c).\n\nMore.",
            "The list lies with the committee.",
        ),
        ("## Heading\n\nText.", "Text."),
        ("- Only a list", ""),
        ("", ""),
        ("один два три четыре пять", "один два три четы…"),
    ],
)
def test_a_text_in_short_is_the_beginning_of_its_first_paragraph_without_markup(text: str, words: str) -> None:
    assert first_words(text, 18 if "…" in words else 60) == words
