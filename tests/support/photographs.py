"""Photographs as organisers upload them, and as others would."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageFilter

from signatures.models import Organiser, Petition, Picture
from signatures.publishing.header_pictures import set_picture
from signatures.publishing.picture_making import MadePicture, make_picture
from tests.support import factories

WORDS = {"alt_en": "People with flowers", "alt_ru": "Люди с цветами"}
FORM = {**WORDS, "caption_en": "Minsk, 2020", "caption_ru": "Минск, 2020", "part": "MIDDLE"}


def photograph(width: int = 1600, height: int = 1200, kind: str = "JPEG", mode: str = "RGB", **saved: Any) -> bytes:
    """Return a picture with as much to see on it as a photograph: noise, made softer."""
    noise = [Image.effect_noise((width // 4, height // 4), 120).resize((width, height)) for _ in range(3)]
    image = Image.merge("RGB", noise).filter(ImageFilter.GaussianBlur(3))
    return encoded(image.convert(mode), kind, **saved)


def encoded(image: Image.Image, kind: str = "PNG", **saved: Any) -> bytes:
    """Return a picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **saved)
    return out.getvalue()


def promising(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that promises this many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


@cache
def made() -> MadePicture:
    """Return a header picture."""
    return make_picture(photograph())


def give_picture(petition: Petition, **words: str) -> Picture:
    """Give a petition a header picture, and return it."""
    actor = Organiser.objects.first() or factories.make_organiser()
    set_picture(petition=petition, made=made(), words=WORDS | words, actor=actor)
    return Picture.objects.get(petition=petition)


def upload_form(content: bytes | None, name: str = "photo.jpg", **values: str) -> dict[str, Any]:
    """Return the form of the page for a picture."""
    form: dict[str, Any] = {**FORM, **values}
    if content is not None:
        form["file"] = SimpleUploadedFile(name, content, content_type="image/jpeg")
    return form
