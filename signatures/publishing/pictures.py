"""Makes the pictures that other sites show of a petition, and the QR code to print: with public text only."""

from __future__ import annotations

import io
from functools import lru_cache

import segno
from PIL import Image, ImageDraw

from signatures.publishing.text_drawing import Lettering
from signatures.texts.fonts import SANS, SANS_BOLD, SERIF_BOLD
from signatures.texts.invisible import in_one_line

# The size recommended by Facebook, X and messengers.
CARD_SIZE = CARD_WIDTH, CARD_HEIGHT = 1200, 630
MARGIN = 84
BAND = 118
WHITE, RED, INK, SOFT = "#ffffff", "#c8102e", "#1c1917", "#5d5650"
TITLE_SIZES = range(92, 35, -4)
TITLE_LINES_MAX = 4
# Beside a photograph there is less width, and so more lines.
TITLE_LINES_BESIDE_MAX = 8
COLOURS = 256
TITLE_HEIGHT_MAX = 330
COURSE_HEIGHT = 40
COURSE_SIZES = range(38, 24, -2)
LINE_HEIGHT = 1.16
ELLIPSIS = "…"
CACHED_PICTURES = 64
# Twice the size at which other sites show it, so that it is sharp on fine screens.
BADGE_SIZE = BADGE_WIDTH, BADGE_HEIGHT = 640, 200
BADGE_SHOWN = 320, 100
BADGE_MARGIN = 28
BADGE_BAR = 16
BADGE_EDGE = "#cfc8c0"
FIGURE_SIZE = 76
WORD_SIZES = range(42, 23, -2)
# Pixels per module: the code for a petition's address gets about 1,000 pixels wide, sharp on paper.
QR_SCALE = 26
QR_BORDER = 4


@lru_cache(CACHED_PICTURES)
def card_png(title: str, by: str, site: str, notice: str = "", photograph: bytes = b"") -> bytes:
    """Return the share picture, 1200 x 630 pixels: white, red and white stripes with title and responsible body.

    A photograph stands on the right, beside the words: they can be read whatever it shows.

    :param by: a sentence on who runs the petition
    :param site: the host name
    :param notice: a sentence on when one can sign, if not now, or on how many have signed, or ""
    :param photograph: the header picture, cut to the height above the band, or nothing
    """
    image = Image.new("RGB", CARD_SIZE, WHITE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, CARD_HEIGHT - BAND, CARD_WIDTH, CARD_HEIGHT), fill=RED)
    draw.rectangle((0, CARD_HEIGHT - 14, CARD_WIDTH, CARD_HEIGHT), fill=WHITE)
    width, lines_max = CARD_WIDTH - 2 * MARGIN, TITLE_LINES_MAX
    if photograph:
        with Image.open(io.BytesIO(photograph), formats=("JPEG",)) as beside:
            image.paste(beside, (CARD_WIDTH - beside.width, 0))
            width, lines_max = CARD_WIDTH - beside.width - MARGIN - MARGIN // 2, TITLE_LINES_BESIDE_MAX
    height = TITLE_HEIGHT_MAX - (COURSE_HEIGHT if notice else 0)
    lines, font = _fitted(in_one_line(title), width, height, lines_max)
    y = float(MARGIN - 12)
    for line in lines:
        font.draw(draw, (MARGIN, y), line, INK)
        y += font.size * LINE_HEIGHT
    small = Lettering(SANS, 34)
    # Line breaks of any kind cannot be drawn within a line.
    one_line = _cut(" ".join(in_one_line(by).split()), small, width)
    small.draw(draw, (MARGIN, CARD_HEIGHT - BAND - 62), one_line, SOFT)
    if notice:
        fitting = (font for size in COURSE_SIZES if (font := Lettering(SANS_BOLD, size)).getlength(notice) <= width)
        strong = next(fitting, small)
        strong.draw(draw, (MARGIN, CARD_HEIGHT - BAND - 116), _cut(notice, strong, width), RED)
    bold = Lettering(SANS_BOLD, 38)
    bold.draw(draw, (MARGIN, CARD_HEIGHT - BAND + 26), _cut(site, bold, CARD_WIDTH - 2 * MARGIN), WHITE)
    if photograph:
        # As PNG in all its colours a photograph is heavier than some messengers fetch.
        image = image.quantize(COLOURS)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


@lru_cache(CACHED_PICTURES)
def qr_png(address: str) -> bytes:
    """Return a QR code for an address, with the quiet zone that ISO/IEC 18004 requires."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", scale=QR_SCALE, border=QR_BORDER)
    return out.getvalue()


@lru_cache(CACHED_PICTURES)
def qr_svg(address: str, border: int = QR_BORDER) -> bytes:
    """Return the same QR code as lines, which stay sharp at every size.

    :param border: the quiet zone in squares; 0 where it stands on white paper
    """
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=border, light="#fff", omitsize=True)
    return out.getvalue()


@lru_cache(CACHED_PICTURES)
def badge_png(title: str, figure: str, words: str, foot: str) -> bytes:
    """Return the badge, 640 x 200 pixels: title, number and host name beside a red bar.

    :param figure: the number, or "" if there is none to tell
    :param words: what stands after the number, or in its place
    :param foot: the host name, or that the petition is closed
    """
    image = Image.new("RGB", BADGE_SIZE, WHITE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, BADGE_WIDTH - 1, BADGE_HEIGHT - 1), outline=BADGE_EDGE, width=2)
    draw.rectangle((0, 0, BADGE_BAR, BADGE_HEIGHT), fill=RED)
    left = BADGE_BAR + BADGE_MARGIN
    width = BADGE_WIDTH - left - BADGE_MARGIN
    heading = Lettering(SANS_BOLD, 28)
    heading.draw(draw, (left, 20), _cut(in_one_line(title), heading, width), INK)
    number = Lettering(SERIF_BOLD, FIGURE_SIZE)
    after = number.getlength(figure) + BADGE_MARGIN // 2 if figure else 0
    largest = WORD_SIZES if not figure else range(32, 23, -2)
    fitting = (font for size in largest if (font := Lettering(SANS, size)).getlength(words) <= width - after)
    beside = next(fitting, Lettering(SANS, WORD_SIZES[-1]))
    number.draw(draw, (left, 50), figure, INK)
    beside.draw(draw, (left + after, 128 - beside.size), _cut(words, beside, int(width - after)), INK)
    strong = Lettering(SANS_BOLD, 26)
    strong.draw(draw, (left, 152), _cut(foot, strong, width), RED)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def wrapped(text: str, font: Lettering, width: int) -> list[str]:
    """Wrap a text into lines of at most this many pixels; a single word that is wider is broken."""
    lines = [""]
    for word in text.split():
        first, *rest = _pieces(word, font, width)
        longer = f"{lines[-1]} {first}".lstrip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(first)
        lines += rest
    return [line for line in lines if line]


def _pieces(word: str, font: Lettering, width: int) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and font.getlength(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _fitted(title: str, width: int, height: int, lines_max: int) -> tuple[list[str], Lettering]:
    for size in TITLE_SIZES:
        font = Lettering(SERIF_BOLD, size)
        lines = wrapped(title, font, width)
        if len(lines) <= lines_max and len(lines) * size * LINE_HEIGHT <= height:
            return lines, font
    lines = lines[: int(height / (font.size * LINE_HEIGHT))]
    return [*lines[:-1], _cut(lines[-1] + ELLIPSIS, font, width)], font


def _cut(text: str, font: Lettering, width: int) -> str:
    while font.getlength(text) > width and len(text) > 1:
        text = text.removesuffix(ELLIPSIS)[:-1] + ELLIPSIS
    return text
