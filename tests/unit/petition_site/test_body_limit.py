"""Bodies that are too large are rejected unread, and no uploaded file is written to disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from signatures.models import Petition

pytestmark = pytest.mark.django_db

LIMIT = 1024 * 1024
CODE = b"AAAAAAAAAAAAAAAA"
FORM_TYPE = "application/x-www-form-urlencoded"
PATHS = ("/en/confirm/", "/ru/confirm/", "/ru/nowhere/", "/", "/admin/login/", "/admin/signatures/petition/add/")


def form_of(size: int) -> bytes:
    """Return a form of this many bytes."""
    return b"code=" + b"x" * (size - len("code="))


@pytest.mark.parametrize("method", ["post", "put", "get"])
@pytest.mark.parametrize("path", PATHS)
def test_a_body_over_the_limit_is_a_413_in_the_visitors_language(visitor: Client, path: str, method: str) -> None:
    answer = visitor.generic(method.upper(), path, form_of(LIMIT + 1), content_type=FORM_TYPE)
    assert answer.status_code == 413
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.content.decode()
    language = path[1:3] if path[1:3] in {"en", "ru"} else ""
    assert f'<html lang="{language or "en"}"' in page
    # If the path has no language, the page is in every one.
    assert ('class="other-language"' in page) == (not language)


def test_a_body_exactly_at_the_limit_is_read(visitor: Client) -> None:
    assert visitor.post("/en/confirm/", form_of(LIMIT), content_type=FORM_TYPE).status_code == 422


@pytest.mark.parametrize("length", ["", "-1"])
def test_a_body_without_a_length_is_not_read(visitor: Client, length: str) -> None:
    answer = visitor.post("/en/confirm/", b"code=" + CODE, content_type=FORM_TYPE, CONTENT_LENGTH=length)
    assert answer.status_code == 422
    answer = visitor.post("/en/confirm/", b"code=" + CODE, content_type=FORM_TYPE)
    assert answer.headers["Location"] == f"/en/confirm/{CODE.decode()}/"


def test_no_upload_is_written_to_the_disk_whatever_its_size(
    visitor: Client, settings: Settings, tmp_path: Path
) -> None:
    # The folder for temporary files cannot be written to.
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "nowhere"
    settings.BODY_BYTES_MAX = 9 * LIMIT
    for size in (1, LIMIT - 1000, 4 * LIMIT):
        form = {"code": "x", "file": SimpleUploadedFile("x.bin", b"x" * size)}
        assert visitor.post("/en/confirm/", form).status_code == 422, size


def test_only_organisers_send_more_than_a_megabyte_and_only_where_a_picture_is_uploaded(
    organiser: Client, petition: Petition, settings: Settings, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "nowhere"
    page = f"/admin/signatures/petition/{petition.pk}/picture/"

    def send(client: Client, path: str, size: int) -> int:
        return client.post(path, {"file": SimpleUploadedFile("x.jpg", b"x" * size)}).status_code

    assert send(organiser, page, 9 * LIMIT) == 422
    assert send(organiser, page, settings.PICTURE_BODY_BYTES_MAX) == 413
    assert send(organiser, page.replace("picture", "publish"), 2 * LIMIT) == 413
    assert send(organiser, f"{page}x/", 2 * LIMIT) == 413
    # Of strangers not a byte is read there: nginx passes bodies on as they come.
    assert send(Client(), page, 2 * LIMIT) == 403
    assert send(Client(), page, 1) == 403
