"""Reads the site's name and logo, which are shown at the top of every page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from petition_site.env import Reader

NAME_LENGTH_MAX = 60
BYTES_MAX = 100_000
DIGEST_LENGTH = 16
PNG_BEGINNING = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Logo:
    """The site's logo.

    :param digest: part of its URL, so that caches may store it for ever
    """

    content: bytes
    content_type: str
    digest: str


def read_site_name(read: Reader) -> str:
    """Return SITE_NAME, or an empty string, and record a problem if it is too long for one line."""
    name = read.text("SITE_NAME", "", default="")
    if len(name) > NAME_LENGTH_MAX:
        read.problems.append(f"SITE_NAME must have at most {NAME_LENGTH_MAX} characters: it stands in one line.")
    return name


def read_logo(read: Reader) -> Logo | None:
    """Return the picture in the file SITE_LOGO, or None if unset, and record problems with it."""
    path = read.text("SITE_LOGO", "", default="")
    if not path:
        return None
    try:
        content = Path(path).read_bytes()
    except OSError:
        read.problems.append("SITE_LOGO names a file that cannot be read.")
        return None
    content_type = _content_type(content)
    if content_type is None or len(content) > BYTES_MAX:
        read.problems.append("SITE_LOGO must be an SVG or PNG picture of at most 100 kB, an SVG without scripts.")
        return None
    return Logo(content, content_type, hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH])


def _content_type(content: bytes) -> str | None:
    if content.startswith(PNG_BEGINNING):
        return "image/png"
    return "image/svg+xml" if b"<svg" in content and b"<script" not in content.lower() else None
