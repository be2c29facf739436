"""A header picture is made anew from any picture, and from nothing else."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw

from signatures.models.picture import CARD_BYTES_MAX, NARROW_BYTES_MAX, WIDE_BYTES_MAX
from signatures.publishing.picture_making import UPLOAD_BYTES_MAX, MadePicture, make_picture
from tests.support.photographs import encoded, photograph, promising

RED, BLUE, WHITE = (200, 16, 46), (0, 40, 200), (255, 255, 255)
UPRIGHT, LYING = 0x0112, 6
GPS = 0x8825
HTML = b"<html><script>alert(1)</script>"


def seen(made: MadePicture) -> Image.Image:
    """Return the wide size as a browser shows it."""
    return Image.open(io.BytesIO(made.wide.content)).convert("RGB")


def is_like(found: object, expected: tuple[int, ...]) -> bool:
    """Return whether a colour is nearly another: they are compressed."""
    assert isinstance(found, tuple)
    return all(abs(one - other) < 12 for one, other in zip(found, expected, strict=True))


def plain(mode: str, colour: object, size: tuple[int, int] = (1280, 720)) -> Image.Image:
    """Return a picture of one colour."""
    return Image.new(mode, size, colour)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_size_is_light_and_has_the_shape_of_the_page(kind: str) -> None:
    made = make_picture(photograph(kind=kind))
    assert len(made.narrow.content) <= NARROW_BYTES_MAX
    assert len(made.wide.content) <= WIDE_BYTES_MAX
    assert len(made.card) <= CARD_BYTES_MAX
    assert seen(made).size == (made.wide.width, made.wide.width * 9 // 16)
    assert made.wide.width >= 640


def test_a_picture_that_is_all_detail_is_made_smaller_until_it_fits() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((2000, 1500), 255) for _ in range(3)])
    made = make_picture(encoded(noise, "JPEG", quality=95))
    assert len(made.wide.content) <= WIDE_BYTES_MAX
    assert made.narrow.width < 640


def test_place_time_and_camera_are_gone_and_the_picture_is_upright() -> None:
    image = plain("RGB", BLUE, (800, 1600))
    ImageDraw.Draw(image).rectangle((0, 0, 400, 1600), fill=RED)
    exif = Image.Exif()
    exif[UPRIGHT] = LYING
    exif[0x0110] = "Camera of Anna"
    exif.get_ifd(GPS)[2] = (53.0, 54.0, 0.0)
    made = make_picture(encoded(image, "JPEG", exif=exif, comment=b"at Anna's", quality=95))
    for content in (made.narrow.content, made.wide.content, made.card):
        with Image.open(io.BytesIO(content)) as kept:
            assert not kept.getexif()
            assert "icc_profile" not in kept.info
        assert b"Anna" not in content
    # What was on the left is on top now.
    assert is_like(seen(made).getpixel((300, 10)), RED)
    assert is_like(seen(made).getpixel((300, made.wide.height - 10)), BLUE)


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        (plain("CMYK", (0, 255, 255, 0)), (255, 0, 0)),
        (plain("L", 128), (128, 128, 128)),
        (plain("1", 1), WHITE),
        (plain("RGBA", (*RED, 0)), WHITE),
        (plain("RGBA", (*RED, 255)), RED),
        (plain("LA", (0, 0)), WHITE),
        (plain("I;16", 0x8000), (128, 128, 128)),
        (plain("RGB", RED).convert("P"), RED),
    ],
    ids=["CMYK", "grey", "black and white", "clear", "opaque", "clear grey", "16 bits", "palette"],
)
def test_colours_of_every_kind_are_seen_as_they_were_meant(image: Image.Image, colour: tuple[int, ...]) -> None:
    kind = "JPEG" if image.mode == "CMYK" else "PNG"
    assert is_like(seen(make_picture(encoded(image, kind))).getpixel((320, 180)), colour)


def test_a_palette_with_a_clear_colour_is_shown_on_white() -> None:
    image = plain("P", 0)
    image.putpalette([*RED, *BLUE])
    made = make_picture(encoded(image, "PNG", transparency=0))
    assert is_like(seen(made).getpixel((320, 180)), WHITE)


def test_a_profile_of_colours_is_applied_and_a_broken_one_passed_over() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"broken", profile[:200]):
        made = make_picture(encoded(plain("RGB", RED), "JPEG", icc_profile=icc, quality=95))
        assert is_like(seen(made).getpixel((320, 180)), RED)


@pytest.mark.parametrize(
    ("part", "top", "left"),
    [("TOP", RED, RED), ("BOTTOM", BLUE, BLUE), ("LEFT", RED, RED), ("RIGHT", BLUE, BLUE)],
)
def test_the_part_that_is_to_stay_stays(part: str, top: tuple[int, ...], left: tuple[int, ...]) -> None:
    tall = plain("RGB", BLUE, (800, 3000))
    ImageDraw.Draw(tall).rectangle((0, 0, 800, 1500), fill=RED)
    wide = tall.rotate(90, expand=True)
    image, colour = (tall, top) if part in {"TOP", "BOTTOM"} else (wide.transpose(Image.Transpose.ROTATE_180), left)
    if part in {"LEFT", "RIGHT"}:
        ImageDraw.Draw(image).rectangle((0, 0, 1500, 800), fill=RED)
        ImageDraw.Draw(image).rectangle((1500, 0, 3000, 800), fill=BLUE)
    shown = seen(make_picture(encoded(image), part))
    assert is_like(shown.getpixel((shown.width // 2, shown.height // 2)), colour)


def test_the_largest_picture_takes_at_most_200_megabytes() -> None:
    program = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.tool_settings"
import django; django.setup()
from signatures.publishing.picture_making import make_picture
def most(): return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
uploaded = sys.stdin.buffer.read()
before = most()
make_picture(uploaded)
print(most() - before)
"""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[UPRIGHT] = LYING
    largest = encoded(plain("RGBA", (*RED, 99), (6000, 5000)), icc_profile=profile, exif=exif, compress_level=1)
    done = subprocess.run([sys.executable, "-c", program], input=largest, capture_output=True, check=True)
    assert int(done.stdout) < 200 * 1024


def animated(kind: str) -> bytes:
    """Return a picture that moves."""
    return encoded(plain("RGB", RED), kind, save_all=True, append_images=[plain("RGB", BLUE)])


HOSTILE = {
    "nothing": b"",
    "text": b"not a picture",
    "HTML with the name of a picture": HTML,
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "GIF": encoded(plain("P", 0), "GIF"),
    "TIFF": encoded(plain("RGB", RED), "TIFF"),
    "BMP": encoded(plain("RGB", RED), "BMP"),
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 700 700\n",
    "PDF": b"%PDF-1.4\n" + HTML,
    "a bomb of 65,535 by 65,535": promising(65_535, 65_535),
    "31 million pixels": promising(6_200, 5_000),
    "a long strip": promising(200_000, 400),
    "half a JPEG": photograph()[:20_000],
    "half a PNG": photograph(kind="PNG")[:20_000],
    "a head alone": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "moving PNG": animated("PNG"),
    "moving WebP": animated("WEBP"),
    "one pixel": encoded(plain("RGB", RED, (1, 1))),
    "a stamp": encoded(plain("RGB", RED, (639, 500))),
    "30 megabytes": b"\xff\xd8" + b"\0" * (30 << 20),
    "a byte too much": photograph().ljust(UPLOAD_BYTES_MAX + 1, b"\0"),
    "a text of two gigabytes in a PNG": b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0x7FFFFFFF) + b"zTXt" + b"x" * 99,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_picture_or_a_hostile_one_gets_a_sentence(content: bytes) -> None:
    with pytest.raises(ValidationError) as refused:
        make_picture(content)
    (sentence,) = refused.value.messages
    assert sentence.endswith(".")


@pytest.mark.parametrize("tail", [HTML, b"PK\x03\x04" + b"x" * 100, b"%PDF-1.4"], ids=["HTML", "ZIP", "PDF"])
def test_what_hangs_on_to_a_picture_is_left_behind(tail: bytes) -> None:
    made = make_picture(photograph() + tail)
    assert all(tail not in content for content in (made.narrow.content, made.wide.content, made.card))


GOOD = {kind: photograph(640, 360, kind=kind) for kind in ("JPEG", "PNG", "WEBP")}


@settings(max_examples=60)
@given(
    kind=st.sampled_from(sorted(GOOD)), places=st.lists(st.tuples(st.integers(0), st.binary(min_size=1, max_size=8)))
)
def test_broken_bytes_give_a_picture_or_a_sentence(kind: str, places: list[tuple[int, bytes]]) -> None:
    content = bytearray(GOOD[kind])
    for place, change in places:
        at = place % min(len(content), 2000)
        content[at : at + len(change)] = change
    # Any other exception ends the test.
    with suppress(ValidationError):
        assert len(make_picture(bytes(content)).wide.content) <= WIDE_BYTES_MAX
