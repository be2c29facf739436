"""What was signed before there were watermarks: manifests with sizes, files without random bits."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.test import Client

from signatures.models import Delivery, Packing, Petition, Recipient
from signatures.safeguarding import manifest_signing
from tests.support import factories
from tests.support.hand_overs import grow_older, manifest_of, package_of, prepare, record, unpack_to, unpacked
from tests.support.name_lists import recipient_of, unmarked
from tests.support.page_reading import page_of, read
from tests.support.recipient_checks import digest_of, told_of, verified_by_openssl, verify, watermark_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition with one name."""
    factories.make_signature(petition, name="First")
    grow_older(petition)
    return recipient_of(petition, "Parliament")


@pytest.fixture
def old(parliament: Recipient, organiser: Client) -> tuple[Delivery, dict[str, bytes]]:
    """Return a hand-over and its files as they were made before, with the bytes and the manifest of that time."""
    delivery = prepare(organiser, parliament)
    made = unpacked(package_of(organiser, prepare(organiser, parliament)))
    public_key = manifest_signing.pem(manifest_signing.public_key()).encode()
    files = {name: unmarked(content) for name, content in made.items() if not name.startswith("manifest.")}
    manifest = manifest_of(made) | {"schema": 1, "delivery": delivery.pk}
    manifest["files"] = [
        {"name": name, "bytes": len(content), "sha256": digest_of(content)} for name, content in files.items()
    ]
    content = (json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
    packing = Packing.objects.create(
        delivery=delivery,
        confirmed=1,
        named=1,
        manifest=content.decode(),
        signature=manifest_signing.sign(content),
        public_key=manifest_signing.public_key(),
    )
    Delivery.objects.filter(pk=delivery.pk).update(seed_encrypted=None)
    assert record(organiser, delivery).status_code == 302
    delivery.refresh_from_db()
    assert files["public-key.pem"] == public_key
    assert delivery.packing == packing
    return delivery, {**files, "manifest.json": content, "manifest.sig": manifest_signing.sign(content)}


def zipped(files: dict[str, bytes]) -> bytes:
    """Return files as one ZIP."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def test_it_is_still_found_right_as_a_whole_and_file_by_file(
    old: tuple[Delivery, dict[str, bytes]], tmp_path: Path
) -> None:
    delivery, files = old
    folder = unpack_to(tmp_path / "files", files)
    (tmp_path / "old.zip").write_bytes(zipped(files))
    for path in (folder, tmp_path / "old.zip"):
        said = verify(path).splitlines()
        assert said[0] == f"hand-over {delivery.pk} to Parliament: handed over on {delivery.handed_over_on}."
        assert {line.removeprefix("ok: ") for line in said[1:]} == files.keys()
    assert "Signature Verified Successfully" in verified_by_openssl(folder)
    for name, content in files.items():
        assert f"ok: {name}" in verify(folder / name)
        assert "The file is the one that was handed over." in told_of(content, delivery.petition), name
    (folder / "signatures.csv").write_bytes(files["signatures.csv"] + b"x")
    with pytest.raises(CommandError, match=r"signatures\.csv differs from the file that was made here\.$"):
        verify(folder)


def test_its_manifest_stays_as_it_was_signed_and_the_page_shows_no_size(
    old: tuple[Delivery, dict[str, bytes]],
) -> None:
    delivery, files = old
    page = page_of(delivery.petition, "deliveries")
    assert Client().get(f"{page}{delivery.pk}/manifest.json").content == files["manifest.json"]
    shown = read(Client(), page)
    assert digest_of(files["signatures.csv"]) in shown
    assert str(len(files["README.txt"])) not in shown
    assert delivery.packing is not None
    assert {frozenset(entry) for entry in delivery.packing.all_files} == {frozenset({"name", "sha256"})}


def test_made_again_it_carries_random_bits_and_is_another_packing(
    old: tuple[Delivery, dict[str, bytes]], organiser: Client, tmp_path: Path
) -> None:
    delivery, files = old
    again = unpacked(package_of(organiser, delivery))
    assert unpacked(package_of(organiser, delivery)) == again
    assert watermark_in("signatures.csv", again["signatures.csv"])
    assert "bytes" not in str(manifest_of(again)["files"])
    assert delivery.packings.count() == 2
    assert "not the one recorded as handed over" in verify(unpack_to(tmp_path / "again", again))
    assert "The file is the one that was handed over." in told_of(files["signatures.csv"], delivery.petition)
