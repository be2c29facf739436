"""Files that somebody brings are checked against what was handed over."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from signatures.models import Delivery, Petition
from tests.support import factories
from tests.support.hand_overs import grow_older, package_of, prepare, record, unpack_to, unpacked
from tests.support.name_lists import recipient_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def delivery(petition: Petition, organiser_client: Callable[[str], Client]) -> Delivery:
    """Return a hand-over of two names, with every file but the slow ones."""
    for name in ("First", "Second"):
        factories.make_signature(petition, name=name)
    grow_older(petition)
    return prepare(organiser_client("Organisers"), recipient_of(petition, "Parliament"), with_workbook="on")


@pytest.fixture
def package(delivery: Delivery, organiser_client: Callable[[str], Client]) -> bytes:
    """Return its ZIP, which was handed over."""
    client = organiser_client("Organisers")
    content = package_of(client, delivery)
    assert record(client, delivery).status_code == 302
    return content


def verify(path: Path) -> str:
    """Run the command and return what it says."""
    out = io.StringIO()
    call_command("verify_delivery", str(path), stdout=out)
    return out.getvalue()


def test_what_was_handed_over_is_found_right_as_a_zip_a_folder_and_file_by_file(
    delivery: Delivery, package: bytes, tmp_path: Path
) -> None:
    archive = tmp_path / "package.zip"
    archive.write_bytes(package)
    files = unpacked(package)
    folder = unpack_to(tmp_path / "files", files)
    for path in (archive, folder):
        said = verify(path)
        assert f"hand-over {delivery.pk} to Parliament: handed over on " in said
        assert [line for line in said.splitlines() if line.startswith("ok: ")] != []
        assert {line.removeprefix("ok: ") for line in said.splitlines()[1:]} == files.keys()
    for name in files:
        renamed = tmp_path / "another name"
        renamed.write_bytes(files[name])
        assert f"ok: {name}" in verify(renamed)


def test_one_changed_byte_in_any_file_is_found_and_the_file_is_named(package: bytes, tmp_path: Path) -> None:
    files = unpacked(package)
    for name, content in files.items():
        place = len(content) // 2
        changed = {**files, name: content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]}
        folder = unpack_to(tmp_path / f"changed {name}", changed)
        with pytest.raises(CommandError) as caught:
            verify(folder)
        assert name in str(caught.value)
        with pytest.raises(CommandError, match="differs from every file"):
            verify(folder / name)


def test_a_byte_changed_inside_the_zip_is_found(package: bytes, tmp_path: Path) -> None:
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(io.BytesIO(package)) as whole:
        entry = whole.getinfo("signatures.xlsx")
    place = entry.header_offset + 200
    archive.write_bytes(package[:place] + bytes([package[place] ^ 1]) + package[place + 1 :])
    with pytest.raises(CommandError, match=r"signatures\.xlsx"):
        verify(archive)


def test_a_file_that_is_missing_or_was_added_is_named(package: bytes, tmp_path: Path) -> None:
    files = unpacked(package)
    without = {name: content for name, content in files.items() if name != "totals.csv"}
    with pytest.raises(CommandError, match=r"totals\.csv is missing"):
        verify(unpack_to(tmp_path / "less", without))
    with pytest.raises(CommandError, match=r"more\.csv does not belong"):
        verify(unpack_to(tmp_path / "more", {**files, "more.csv": b"x"}))
    with pytest.raises(CommandError, match=r"manifest\.sig is missing"):
        verify(unpack_to(tmp_path / "none", {"manifest.json": files["manifest.json"]}))


@pytest.mark.parametrize(
    "manifest", [b"", b"\xff", b"[]", b'{"delivery": "1"}', b'{"delivery": 999999}', b'{"delivery": 1e999}']
)
def test_a_manifest_of_no_hand_over_is_said_to_be_one(db: None, tmp_path: Path, manifest: bytes) -> None:
    folder = unpack_to(tmp_path / "files", {"manifest.json": manifest, "manifest.sig": b"x" * 64})
    with pytest.raises(CommandError, match="of no hand-over"):
        verify(folder)


def test_what_cannot_be_read_is_said(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        verify(tmp_path / "absent")


def test_an_encrypted_zip_asks_to_be_unpacked(
    delivery: Delivery, organiser_client: Callable[[str], Client], tmp_path: Path
) -> None:
    archive = tmp_path / "package.zip"
    archive.write_bytes(package_of(organiser_client("Organisers"), delivery, "correct horse battery staple"))
    with pytest.raises(CommandError, match="unpack it with its password"):
        verify(archive)
