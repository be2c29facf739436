"""Pictures for other sites and for paper."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from signatures.publishing.lettering import Lettering
from signatures.publishing.pictures import CARD_SIZE, card_png, qr_png, wrapped
from signatures.texts.fonts import SERIF_BOLD

LONG = (
    "Свободу всем политическим заключённым и их семьям в Беларуси и за её пределами, сейчас и без всяких условий!" * 2
)


@pytest.mark.parametrize("title", ["Short", "Свободу политическим заключённым Беларуси", LONG[:160], "Ж" * 160])
def test_no_title_leaves_the_picture(title: str) -> None:
    image = Image.open(io.BytesIO(card_png(title, "Организатор: группа «Вызваленне».", "petition.example.org")))
    assert (image.format, image.size) == ("PNG", CARD_SIZE)
    width, height = CARD_SIZE
    # The margins stay white, and so does the room between the title and the line below it.
    for box in ((0, 0, 80, 500), (width - 80, 0, width, 500), (0, 0, width, 60)):
        assert image.crop(box).convert("L").getextrema() == (255, 255), box
    assert image.crop((0, height - 118, width, height - 16)).getpixel((5, 50)) == (200, 16, 46)


@settings(max_examples=30, deadline=None)
@given(
    st.text(max_size=60),
    st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\r\n\x1c\u2029")), max_size=60),
)
def test_whatever_a_petition_is_called_and_whoever_runs_it_has_a_picture(title: str, by: str) -> None:
    assert Image.open(io.BytesIO(card_png(f"Title {title}", by, "petition.example.org"))).size == CARD_SIZE


@settings(max_examples=30)
@given(text=st.text(st.sampled_from("абЖ wW-.\n"), max_size=80))
def test_no_line_is_wider_than_asked_and_no_letter_is_lost(text: str) -> None:
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
