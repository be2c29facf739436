"""Share pictures and QR codes."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from signatures.publishing.pictures import CARD_SIZE, card_png, qr_png, wrapped
from signatures.publishing.text_drawing import Lettering
from signatures.texts.fonts import SANS, SERIF_BOLD, font_with

LONG = (
    "Свободу всем политическим заключённым и их семьям в Беларуси и за её пределами, сейчас и без всяких условий!" * 2
)


@pytest.mark.parametrize("title", ["Short", "Свободу политическим заключённым Беларуси", LONG[:160], "Ж" * 160])
def test_no_title_overflows_the_picture(title: str) -> None:
    image = Image.open(io.BytesIO(card_png(title, "Организатор: группа «Вызваленне».", "petition.example.org")))
    assert (image.format, image.size) == ("PNG", CARD_SIZE)
    width, height = CARD_SIZE
    # The margins stay white, and so does the space between the title and the line below it.
    for box in ((0, 0, 80, 500), (width - 80, 0, width, 500), (0, 0, width, 60)):
        assert image.crop(box).convert("L").getextrema() == (255, 255), box
    assert image.crop((0, height - 118, width, height - 16)).getpixel((5, 50)) == (200, 16, 46)


@settings(max_examples=30, deadline=None)
@given(
    st.text(max_size=60),
    st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\r\n\x1c\u2029")), max_size=60),
)
def test_every_title_and_responsible_body_can_be_drawn(title: str, by: str) -> None:
    assert Image.open(io.BytesIO(card_png(f"Title {title}", by, "petition.example.org"))).size == CARD_SIZE


@settings(max_examples=30)
@given(text=st.text(st.sampled_from("абЖ wW-.\n"), max_size=80))
def test_no_line_exceeds_the_width_and_no_letter_is_lost(text: str) -> None:
    font = Lettering(SERIF_BOLD, 40)
    lines = wrapped(text, font, 200)
    assert all(font.getlength(line) <= 200 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_the_code_leads_to_the_address_and_is_large_enough_to_print() -> None:
    address = "https://petition.example.org/ru/petitions/belarus-political-prisoners/"
    image = Image.open(io.BytesIO(qr_png(address)))
    assert min(image.size) >= 1000
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    assert found.text == address


@pytest.mark.parametrize("sign", ["\ufe0f", "\u200d", "\u202f", "\u2060", "\U000e0067"])
@pytest.mark.parametrize("base", ["a", "ක", "❤", "😀"])
def test_invisible_characters_are_not_drawn_as_boxes(base: str, sign: str) -> None:
    font = Lettering(SANS, 40)
    widths = [font.getlength(f"{base}{between}{base}") for between in (sign, "", " ")]
    assert widths[0] <= max(widths[1:])


def test_a_mark_that_the_font_of_its_letter_lacks_is_drawn_by_one_that_has_it() -> None:
    # A keycap emoji: a digit with a combining enclosing keycap.
    for name, run in Lettering(SANS, 40)._runs("1\u20e3 а\u0301"):
        assert all(font_with(letter, name) == name for letter in run), run
