"""Reading and printing take linear time, whatever a text consists of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from signatures.texts.html_printer import render_markdown
from signatures.texts.pasting import as_markdown
from signatures.texts.plain_printer import plain_text
from signatures.texts.reading import read_text
from tests.support.processor_time import seconds_of
from tests.support.same_words import BLOCKS

SHORT, LONG = 2_000, 8_000
# Four times the text may take four times as long, doubled for a busy machine; quadratic time would be sixteen times.
RATIO_MAX = 8
# Below this, ratios are dominated by the clock's resolution.
SECONDS_MIN = 0.05
SIGNS = (*"*_`#|>[(<&:-+.1a—•", " ", "\t", "\n", "\xa0", "&nbsp;")


def read_and_print(text: str) -> None:
    """Parse a text and print it as on the page and in the text file."""
    read_text.cache_clear()
    render_markdown.cache_clear()
    render_markdown(text)
    plain_text(text)


def assert_takes_no_square(short: str, long: str, act: Callable[[str], object] = read_and_print) -> None:
    """Assert that a text of four times the length takes about four times as long, and not sixteen times."""
    began = seconds_of(partial(act, long), repetitions=1)
    if began < SECONDS_MIN or began < RATIO_MAX * seconds_of(partial(act, short), repetitions=1):
        return
    # Measured again, since another process may have interfered.
    taken, expected = (seconds_of(partial(act, text)) for text in (long, short))
    assert taken < SECONDS_MIN + RATIO_MAX * expected, (short[:12], taken, expected)


def of_pair(first: str, second: str, size: int) -> Iterator[str]:
    """Yield texts of two characters: alternating, each repeated, and one repeated between two of the other."""
    yield (first + second) * (size // len(first + second))
    yield first * (size // 2 // len(first)) + second * (size // 2 // len(second))
    yield first * 3 + second * (size // len(second)) + first
    yield f"{first}\n{second * (size // len(second))}{first}x"


@pytest.mark.parametrize("first", SIGNS)
def test_no_pair_of_characters_takes_long(first: str) -> None:
    for second in SIGNS:
        for short, long in zip(of_pair(first, second, SHORT), of_pair(first, second, LONG), strict=True):
            assert_takes_no_square(short, long, as_markdown)


@pytest.mark.parametrize("block", BLOCKS)
def test_no_kind_of_line_takes_long(block: str) -> None:
    piece = block.replace("@", "x") + "\n"
    short, long = (piece * (size // len(piece)) for size in (SHORT, LONG))
    assert_takes_no_square(short, long)


@pytest.mark.parametrize("block", BLOCKS)
def test_no_kind_of_line_with_many_blanks_in_it_takes_long(block: str) -> None:
    short, long = (
        block.replace("@", " " * (size // 4) + "x", 1).replace("@", "x") + "\n" + " x\n" * (size // 4)
        for size in (SHORT, LONG)
    )
    assert_takes_no_square(short, long)


FENCE, TABLE = "```{}`", "|\n{}|"


@pytest.mark.parametrize(
    ("whole", "piece"),
    [
        (FENCE, " "),
        (TABLE, " "),
        ("{}", "a|\n-|\n"),
        ("{}a|a|a|a|a|a|a", "a|\n-|\n"),
        ("- **{0}a**\n", " "),
        ("{}a", "<br>"),
        ("{}", "**"),
        ("{}", "*a **"),
        ("{}", "[a]("),
        ("{}", "a@a."),
        ("{}", "http://[/"),
        ("{}", "http://a:/)"),
        ("{}x", "<a "),
        ("{}x", "<br "),
        *(("{}x", piece) for piece in ("a.", "1.", "http://", "|", "\xa0", "&nbsp;", "- ", "\t", "> ", "`")),
        ("{}", "а) б\n"),
    ],
)
def test_texts_that_once_took_long_do_not(whole: str, piece: str) -> None:
    short, long = (whole.format(piece * (size // len(piece))) for size in (6_000, 24_000))
    assert_takes_no_square(short, long)


def test_text_indented_below_a_bullet_with_many_blanks_does_not_multiply() -> None:
    size = 5_000
    assert len(plain_text("- **" + " " * size + "a**\n" + " b\n" * size)) < 10 * size


def test_apparent_heads_within_a_table_are_not_all_widened() -> None:
    size = 1_500
    wide = "a|\n-|\n# x\n" * size + "a|" * size
    assert_takes_no_square(wide[: len(wide) // 4] + "a|" * (size // 4), wide)


def test_no_row_of_a_table_loses_cells_wherever_its_head_is() -> None:
    text = "a|b\n-|-\n1|2\n# x\na|b\n-|-\n1|2|3|4"
    assert all(cell in render_markdown(text) for cell in ("<td>3</td>", "<td>4</td>"))
