"""The site's logo is a picture, or the start reports what it must be."""

from __future__ import annotations

from pathlib import Path

import pytest

from petition_site.env import Reader
from petition_site.site_identity import BYTES_MAX, PNG_BEGINNING, read_logo


def read_from(monkeypatch: pytest.MonkeyPatch, path: Path) -> tuple[Reader, object]:
    """Read the logo, and return the reader and the logo."""
    monkeypatch.setenv("SITE_LOGO", str(path))
    read = Reader()
    return read, read_logo(read)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(PNG_BEGINNING + b"rest", "image/png"), (b"<?xml version='1.0'?><svg/>", "image/svg+xml")],
)
def test_png_and_svg_are_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, content_type: str
) -> None:
    (tmp_path / "logo").write_bytes(content)
    read, logo = read_from(monkeypatch, tmp_path / "logo")
    assert read.problems == []
    assert getattr(logo, "content_type", "") == content_type
    assert getattr(logo, "content", b"") == content


@pytest.mark.parametrize(
    "content", [b"GIF89a", b"", b"<svg><ScRiPt>1</script></svg>", PNG_BEGINNING + b"x" * BYTES_MAX]
)
def test_anything_else_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    (tmp_path / "logo").write_bytes(content)
    read, logo = read_from(monkeypatch, tmp_path / "logo")
    assert logo is None
    assert read.problems == ["SITE_LOGO must be an SVG or PNG picture of at most 100 kB, an SVG without scripts."]


def test_a_missing_file_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, logo = read_from(monkeypatch, tmp_path / "nothing")
    assert logo is None
    assert read.problems == ["SITE_LOGO names a file that cannot be read."]
