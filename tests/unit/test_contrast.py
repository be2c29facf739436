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
    *product(("ink", "soft", "red-text"), PAPERS),
    *product(("ink", "red-text"), ("red-tint",)),
    ("on-red", "red"),
    ("on-red", "red-deep"),
]
WRITTEN_AT_THE_DESK = [
    *product(("ink",), ("good-tint", "caution-tint")),
    ("good", "good-tint"),
    ("caution", "caution-tint"),
    *product(("good", "caution"), PAPERS),
]
DRAWN = list(product(("edge",), PAPERS))


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
    written = WRITTEN + (WRITTEN_AT_THE_DESK if sheet == "admin.css" else [])
    faint = [pair for pair in written if contrast(*(tokens[name] for name in pair)) < TEXT_MIN]
    faint += [pair for pair in DRAWN if contrast(*(tokens[name] for name in pair)) < SHAPE_MIN]
    assert faint == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_desk_has_the_colours_of_the_public_pages(scheme: str) -> None:
    public, desk = (tokens_of(sheet, scheme) for sheet in SHEETS)
    assert {name: desk.get(name) for name in public} == public


def test_contrast_is_reckoned_as_the_guidelines_say() -> None:
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
