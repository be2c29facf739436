"""Draws a line of text, taking each letter from the first font that has it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from PIL import ImageDraw, ImageFont

from signatures.texts.fonts import FOLDER, font_with, needs_picture

FONTS_REMEMBERED = 64
# Marks, joiners, blanks and punctuation stay with the letter before them if its font has them, since right-to-left
# words are only reordered within a run.
DEPENDENT = {"Mn", "Me", "Mc", "Cf"}
NEUTRAL = ("Z", "P")
BASELINE = "ls"


class Lettering:
    """A font of one size, with fallback fonts of that size for the letters that it lacks.

    :param usual: file name of the font
    :param size: size in pixels
    """

    def __init__(self, usual: str, size: int) -> None:
        """Store font and size; font files are loaded on use."""
        self.usual = usual
        self.size = size

    def getlength(self, text: str) -> float:
        """Return the width of a text in pixels."""
        return sum(_font(name, self.size).getlength(run) for name, run in self._runs(text))

    def draw(self, canvas: ImageDraw.ImageDraw, place: tuple[float, float], text: str, colour: str) -> None:
        """Draw a text onto a picture.

        :param place: its upper left corner in pixels
        """
        x, y = place
        baseline = y + _font(self.usual, self.size).getmetrics()[0]
        for name, run in self._runs(text):
            font = _font(name, self.size)
            canvas.text((x, baseline), run, font=font, fill=colour, anchor=BASELINE)
            x += font.getlength(run)

    def _runs(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield each run of letters of one font, with that font; letters without font become boxes of the usual one."""
        name, run = self.usual, ""
        for letter in text:
            category = unicodedata.category(letter)
            is_in_run = font_with(letter, name) == name
            if not is_in_run and not needs_picture(letter):
                # A font that lacks an invisible character would draw a box for it.
                run += " " if letter.isspace() else ""
                continue
            follows = is_in_run and (category in DEPENDENT or category.startswith(NEUTRAL))
            other = name if run and follows else font_with(letter, self.usual) or self.usual
            if other != name and run:
                yield name, run
                run = ""
            name = other
            run += letter
        if run:
            yield name, run


@lru_cache(FONTS_REMEMBERED)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FOLDER / name, size)
