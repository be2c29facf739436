"""Makes a header picture from what was uploaded: decoded within limits, cut to shape, and encoded anew."""

from __future__ import annotations

import hashlib
import io
import struct
import threading
import zlib
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from signatures.models.picture import CARD_BYTES_MAX, NARROW_BYTES_MAX, WIDE_BYTES_MAX, PicturePart

UPLOAD_BYTES_MAX = 10 * 1024 * 1024
PIXELS_MAX = 30_000_000
# What Pillow may try to read; all others are known to it, too, and to those who send hostile files.
FORMATS = ("JPEG", "PNG", "WEBP")
# A JPEG of a telephone may hold further pictures, such as a map of distances; the first is the photograph.
MANY_IN_ONE = "MPO"
SHAPE = (16, 9)
NARROW_WIDTHS = (640, 560, 480)
WIDE_WIDTHS = (1024, 896, 768, 640)
WIDTH_MIN, HEIGHT_MIN = 640, 360
# The right side of the share picture, above its red band.
CARD_PART = (480, 512)
# Pixels of the shorter side that are kept when a large picture is shrunk: half as many again as any size shows.
SHORTER_SIDE_KEPT = 1536
# How many of a picture's pixels are shrunk at once.
PIXELS_AT_ONCE = 1_000_000
WHITE = (255, 255, 255)
# Below this a smaller picture looks better.
QUALITY_MIN, QUALITY_MAX = 30, 85
QUALITY_LAST = 1
FLAT_MODES = {"L", "RGB", "CMYK"}
WEBP_EFFORT = 5
PLACES = {
    PicturePart.MIDDLE: (0.5, 0.5),
    PicturePart.TOP: (0.5, 0.0),
    PicturePart.BOTTOM: (0.5, 1.0),
    PicturePart.LEFT: (0.0, 0.5),
    PicturePart.RIGHT: (1.0, 0.5),
}
# What Pillow raises for files that are no pictures, or were made to break it.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
# Decoding 30 million pixels takes up to 200 megabytes, and 500 as WebP, whose decoder keeps several copies; a long
# strip, which is hardly shrunk, takes up to 300. So one at a time in each process.
_decoding = threading.Lock()


@dataclass(frozen=True)
class Encoded:
    """A picture as bytes."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class MadePicture:
    """A header picture in the sizes that pages need."""

    narrow: Encoded
    wide: Encoded
    card: bytes

    @property
    def digest(self) -> str:
        """Return the digest of all sizes, by which addresses name them."""
        return hashlib.sha256(self.narrow.content + self.wide.content + self.card).hexdigest()[:32]


def make_picture(uploaded: bytes, part: str = PicturePart.MIDDLE) -> MadePicture:
    """Return the sizes of an uploaded picture; they hold its colours and nothing else of the file.

    :param part: which part stays when it is cut to shape
    :raises ValidationError: with a sentence on what is wrong with the file
    """
    with _decoding:
        image = _decoded(uploaded)
        place = PLACES[PicturePart(part)]
        return MadePicture(
            narrow=_webp(image, place, NARROW_WIDTHS, NARROW_BYTES_MAX),
            wide=_webp(image, place, WIDE_WIDTHS, WIDE_BYTES_MAX),
            card=_jpeg(image, place),
        )


def _decoded(uploaded: bytes) -> Image.Image:
    """Return a picture as it is meant to be seen: upright, in sRGB, on white."""
    if len(uploaded) > UPLOAD_BYTES_MAX:
        raise ValidationError(_("This file is too large: at most 10 megabytes."))
    try:
        # Nothing else holds the decoded picture, so that it is freed as soon as there is a smaller one.
        return _as_seen(_shrunk(uploaded))
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except BROKEN:
        raise ValidationError(_("This is no picture that can be read: upload a JPEG, PNG or WebP file.")) from None


def _check_still(image: Image.Image) -> None:
    if image.format != MANY_IN_ONE and getattr(image, "n_frames", 1) > 1:
        raise ValidationError(_("This picture moves. Upload one that stands still."))


def _check_size(width: int, height: int) -> None:
    if width * height > PIXELS_MAX:
        raise _too_many_pixels()
    if min(width, height) < HEIGHT_MIN or max(width, height) < WIDTH_MIN:
        raise ValidationError(_("This picture is too small: at least 640 pixels wide and 360 high."))


def _too_many_pixels() -> ValidationError:
    return ValidationError(_("This picture has too many pixels: at most 30 million, such as 6,000 by 5,000."))


def _shrunk(uploaded: bytes) -> Image.Image:
    """Return a picture without transparency, shrunk before anything else is done, since each step makes a copy."""
    with Image.open(io.BytesIO(uploaded), formats=FORMATS) as image:
        # So far only the file's head was read, which may promise anything.
        _check_size(image.width, image.height)
        _check_still(image)
        # A JPEG is decoded at a half, a quarter or an eighth of its size.
        image.draft(None, (SHORTER_SIDE_KEPT, SHORTER_SIDE_KEPT))
        image.load()
        factor = max(1, min(image.size) // SHORTER_SIDE_KEPT)
        if factor == 1 and _is_flat(image):
            return image
        return _in_strips(image, factor)


def _in_strips(image: Image.Image, factor: int) -> Image.Image:
    """Return a picture without transparency, by a factor smaller; only a few rows are ever copied in full."""
    width, height = (-(-side // factor) for side in image.size)
    small = Image.new(_flat(image.crop((0, 0, 1, 1))).mode, (width, height))
    rows = max(1, PIXELS_AT_ONCE // (image.width * factor)) * factor
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        strip = _flat(image.crop((0, top, image.width, bottom))).reduce(factor)
        small.paste(strip, (0, top // factor))
    small.info = dict(image.info)
    return small


def _is_flat(image: Image.Image) -> bool:
    return image.mode in FLAT_MODES and "transparency" not in image.info


def _flat(image: Image.Image) -> Image.Image:
    """Return a picture with 8 bits a colour and no transparency."""
    if _is_flat(image):
        return image
    if image.mode.startswith("I"):
        # 16 bits of grey, of which a screen shows 8.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"P", "PA", "LA", "La", "RGBa", "RGBA"} or "transparency" in image.info:
        layers = image.convert("RGBA")
        image = Image.new("RGB", layers.size, WHITE)
        image.paste(layers, mask=layers.getchannel("A"))
    return image if image.mode in FLAT_MODES else image.convert("RGB")


def _as_seen(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    ImageOps.exif_transpose(image, in_place=True)
    if profile and (converted := _in_srgb(image, profile)) is not None:
        image = converted
    seen = image if image.mode == "RGB" else image.convert("RGB")
    _check_size(seen.width, seen.height)
    return seen


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Return a picture with its colours converted, or None if its profile is not for it or broken."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, *BROKEN):
        return None


def _cut(image: Image.Image, size: tuple[int, int], place: tuple[float, float]) -> Image.Image:
    # What is painted on a new picture leaves behind whatever else the file said.
    plain = Image.new("RGB", size)
    plain.paste(ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=place))
    return plain


def _webp(image: Image.Image, place: tuple[float, float], widths: tuple[int, ...], bytes_max: int) -> Encoded:
    """Return the largest size that fits with a decent quality, in the best quality that fits."""
    for width in widths:
        is_last = width == widths[-1]
        cut = _cut(image, (width, width * SHAPE[1] // SHAPE[0]), place)
        content = _best(cut, "WEBP", QUALITY_LAST if is_last else QUALITY_MIN, bytes_max)
        if content is not None:
            return Encoded(content, cut.width, cut.height)
    raise ValidationError(_("This picture has too many details to be shown on a phone. Choose a calmer one."))


def _jpeg(image: Image.Image, place: tuple[float, float]) -> bytes:
    content = _best(_cut(image, CARD_PART, place), "JPEG", QUALITY_LAST, CARD_BYTES_MAX)
    if content is None:
        raise ValidationError(_("This picture has too many details to be shown on a phone. Choose a calmer one."))
    return content


def _best(image: Image.Image, kind: str, lowest: int, bytes_max: int) -> bytes | None:
    """Return a picture in the highest quality that fits, found by halving, or None if the lowest does not fit."""
    found: bytes | None = None
    low, high = lowest, QUALITY_MAX
    while low <= high:
        # The lowest is tried first: most that do not fit at all are given up after one try.
        quality = lowest if found is None and low == lowest and high == QUALITY_MAX else (low + high) // 2
        content = _encoded(image, kind, quality)
        if len(content) <= bytes_max:
            found, low = content, quality + 1
        else:
            high = quality - 1
    return found


def _encoded(image: Image.Image, kind: str, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, quality=quality, **({"method": WEBP_EFFORT} if kind == "WEBP" else {"optimize": True}))
    return out.getvalue()
