"""The colours of the public pages and of the desk are the same, and everybody can read what is written in them."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parent.parent.parent / "static" / "css"
SHEETS = ("site.css", "admin.css")
SCHEMES = ("light", "dark")
TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{3,6});")
DARK = "@media (prefers-color-scheme: dark)"
# WCAG 2.2, success criteria 1.4.3 and 1.4.11.
TEXT_MIN = 4.5
SHAPE_MIN = 3.0
PAPERS = ("paper", "card", "tint")
WRITTEN = [
    *product(("ink", "soft", "red-text", "good", "caution"), PAPERS),
    *product(("ink",), ("red-tint", "good-tint", "caution-tint")),
    ("red-text", "red-tint"),
    ("good", "good-tint"),
    ("caution", "caution-tint"),
    ("on-red", "red"),
    ("on-red", "red-deep"),
    # The sign before an error, the tick of thanks.
    ("paper", "red-text"),
    ("paper", "good"),
]
DRAWN = [
    *product(("edge", "caution", "good", "red-text"), PAPERS),
    # The bar of a count, and what it fills.
    *product(("red",), PAPERS),
]
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Where the brand's red may be: the line under the header, the main button, the bars of counts.
BRANDED = re.compile(r"\.top|\.button(:hover)?|(\.goal|\.bar) (progress|meter)(::.*)?")


def tokens_of(sheet: str, scheme: str) -> dict[str, str]:
    """Return the colours of a stylesheet in one scheme."""
    light, _, rest = (CSS / sheet).read_text(encoding="utf-8").partition(DARK)
    found = dict(TOKEN.findall(light))
    if scheme == "dark":
        found |= dict(TOKEN.findall(rest))
    return found


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    pairs = [digit * 2 for digit in digits] if len(digits) == 3 else [digits[at : at + 2] for at in (0, 2, 4)]
    red, green, blue = (_linear(int(pair, 16) / 255) for pair in pairs)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("sheet", SHEETS)
def test_everything_written_and_drawn_stands_out_from_what_is_under_it(sheet: str, scheme: str) -> None:
    tokens = tokens_of(sheet, scheme)
    faint = [pair for pair in WRITTEN if contrast(*(tokens[name] for name in pair)) < TEXT_MIN]
    faint += [pair for pair in DRAWN if contrast(*(tokens[name] for name in pair)) < SHAPE_MIN]
    assert faint == []


def test_the_brand_is_the_line_the_main_button_and_the_bar_and_nothing_else() -> None:
    rules = RULE.findall(COMMENT.sub("", (CSS / "site.css").read_text(encoding="utf-8")))
    branded = [one.strip() for where, what in rules if "var(--brand" in what for one in where.split(",")]
    assert len(branded) > 4
    assert [where for where in branded if not BRANDED.fullmatch(where)] == []
    # Roles alone are named below their table.
    assert [where.strip() for where, what in rules if "var(--red" in what] == [":root"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_desk_has_the_colours_of_the_public_pages(scheme: str) -> None:
    public, desk = (tokens_of(sheet, scheme) for sheet in SHEETS)
    assert {name: desk.get(name) for name in public} == public


def test_contrast_is_reckoned_as_the_guidelines_say() -> None:
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
