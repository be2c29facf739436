"""A copy that turns up where it should not be tells which hand-over it comes from, also where it was changed."""

from __future__ import annotations

import io
import subprocess
import zipfile
import zlib
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from signatures.delivering import rows
from signatures.models import Delivery, Packing, Petition, Recipient, Signature
from signatures.models.choices import PetitionStatus
from signatures.moderating.purging import purge_petition
from tests.support import factories
from tests.support.hand_overs import act, grow_older, package_of, prepare, record, unpack_to, unpacked
from tests.support.name_lists import content_of, order_list, recipient_of
from tests.support.page_reading import words
from tests.support.programs import require_program
from tests.support.recipient_checks import verify, watermark_in

pytestmark = pytest.mark.django_db(transaction=True)
EVERYTHING = {"with_workbook": "on", "with_document": "on"}


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition with two names."""
    for name in ("First", "Second"):
        factories.make_signature(petition, name=name)
    grow_older(petition)
    return recipient_of(petition, "Parliament")


@pytest.fixture
def handed_over(parliament: Recipient, organiser: Client) -> tuple[Delivery, dict[str, bytes]]:
    """Return a hand-over and its files; another one of the same names was made beside it."""
    delivery, other = (prepare(organiser, parliament, **EVERYTHING) for _ in range(2))
    files = unpacked(package_of(organiser, delivery))
    package_of(organiser, other)
    for one in (delivery, other):
        assert record(organiser, one).status_code == 302
    delivery.refresh_from_db()
    return delivery, files


def said_of(path: Path) -> str:
    """Return what the command says of a file that is not as it was made."""
    with pytest.raises(CommandError) as caught:
        verify(path)
    return str(caught.value)


def whose(delivery: Delivery) -> str:
    """Return how a hand-over that reached its recipient is told."""
    return f"hand-over {delivery.pk} to Parliament: handed over on {delivery.handed_over_on}."


def written_anew(content: bytes, *, cut: int, delimiter: str, encoding: str) -> bytes:
    """Return a list as a spreadsheet saves it with other separators, some rows deleted."""
    lines = content.decode("utf-8-sig").splitlines()[: 1 + cut]
    return "\r\n".join(line.replace(",", delimiter) for line in lines).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("cut", [0, 1])
def test_a_list_that_was_saved_anew_is_said_to_differ_and_whose_copy_it_is(
    handed_over: tuple[Delivery, dict[str, bytes]], tmp_path: Path, encoding: str, delimiter: str, cut: int
) -> None:
    delivery, files = handed_over
    path = tmp_path / "leaked.txt"
    path.write_bytes(written_anew(files["signatures.csv"], cut=cut, delimiter=delimiter, encoding=encoding))
    said = said_of(path).splitlines()
    assert said == [
        "leaked.txt differs from every file of every hand-over.",
        f"leaked.txt carries the watermark of {whose(delivery)}",
    ]


def test_a_watermark_is_found_wherever_it_stands_in_a_long_file(
    handed_over: tuple[Delivery, dict[str, bytes]], tmp_path: Path
) -> None:
    delivery, files = handed_over
    mark = watermark_in("signatures.csv", files["signatures.csv"]).upper().encode()
    path = tmp_path / "leaked.txt"
    for before in ((1 << 20) - 30, (1 << 21) - 1):
        path.write_bytes(b"x" * before + mark + b"x" * (1 << 20))
        assert whose(delivery) in said_of(path)


def test_a_workbook_that_was_saved_by_another_program_is_traced(
    handed_over: tuple[Delivery, dict[str, bytes]], tmp_path: Path
) -> None:
    delivery, files = handed_over
    path = tmp_path / "copy.xlsx"
    book = load_workbook(io.BytesIO(files["signatures.xlsx"]))
    book.worksheets[0].delete_rows(2)
    book.save(path)
    assert whose(delivery) in said_of(path)
    program = require_program("soffice")
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [program, profile, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert whose(delivery) in said_of(tmp_path / "copy.ods")


def test_a_document_that_was_changed_or_packed_anew_is_traced(
    handed_over: tuple[Delivery, dict[str, bytes]], tmp_path: Path
) -> None:
    delivery, files = handed_over
    path = tmp_path / "scan.pdf"
    path.write_bytes(files["petition.pdf"] + b"%changed\n")
    assert whose(delivery) in said_of(path)
    mark = watermark_in("petition.pdf", files["petition.pdf"])
    packed = zlib.compress(f"<</Keywords({mark})>>".encode())
    path.write_bytes(b"%PDF-1.7\n1 0 obj stream\n\x00bad endstream 2 0 obj stream\r\n" + packed + b"\nendstream")
    assert whose(delivery) in said_of(path)


def test_a_file_that_differs_within_a_folder_or_a_zip_is_traced(
    handed_over: tuple[Delivery, dict[str, bytes]], tmp_path: Path
) -> None:
    delivery, files = handed_over
    changed = files["signatures.csv"].replace(b"First", b"Third")
    carries = f"list.csv carries the watermark of {whose(delivery)}"
    assert carries in said_of(unpack_to(tmp_path / "alone", {"list.csv": changed}))
    assert carries in said_of(unpack_to(tmp_path / "more", {**files, "list.csv": changed}))
    told = said_of(unpack_to(tmp_path / "same", {**files, "signatures.csv": changed}))
    assert f"signatures.csv carries the watermark of {whose(delivery)}" in told
    with zipfile.ZipFile(tmp_path / "copy.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", changed)
    assert carries in said_of(tmp_path / "copy.zip")


def test_a_list_that_was_exported_on_its_own_is_traced_to_the_row_that_says_who_made_it(
    parliament: Recipient, organiser: Client, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    content = content_of(order_list(organiser, parliament))
    made = Packing.objects.get().delivery_id
    path.write_bytes(content)
    assert said_of(path) == "It was made here, and never recorded as handed over."
    path.write_bytes(content + b"\n")
    said = said_of(path)
    assert f"list.csv carries the watermark of list {made} for Parliament that was exported on its own:" in said
    assert "of the audit log)." in said


def test_a_copy_whose_download_was_let_go_before_its_end_is_traced(
    parliament: Recipient, organiser: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BLOCK_ROWS", 1)
    delivery = prepare(organiser, parliament)
    half = act(organiser, delivery, "file", name="signatures.csv")
    pieces = iter(half)
    path = tmp_path / "half.csv"
    path.write_bytes(next(pieces) + next(pieces))
    half.close()
    assert b"First" in path.read_bytes()
    assert not delivery.packings.exists()
    assert f"hand-over {delivery.pk} to Parliament: a download that began on" in said_of(path)


def test_a_mark_that_nothing_here_has_is_said_to_be_one(db: None, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"number,watermark_{'0' * 48}\n")
    assert "list.csv carries the watermark of no file that was made here." in said_of(path)
    path.write_text(f"number,watermark_{'0' * 47}\n")
    assert "carries" not in said_of(path)


def test_what_claims_to_be_packed_and_is_broken_breaks_nothing(db: None, tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", "x" * 1000)
    content = whole.getvalue()
    path.write_bytes(content[:40] + b"\xff\xff\xff" + content[43:])
    assert "differs from every file" in said_of(path)
    path.write_bytes(b"%PDF-1.7 stream\nendstream stream")
    assert "differs from every file" in said_of(path)


def test_a_copy_is_traced_after_the_purge_too(handed_over: tuple[Delivery, dict[str, bytes]], tmp_path: Path) -> None:
    delivery, files = handed_over
    Petition.objects.filter(pk=delivery.petition_id).update(status=PetitionStatus.CLOSED)
    purge_petition(petition=delivery.petition, reason="over", actor=None)
    assert not Signature.objects.exists()
    path = tmp_path / "list.csv"
    path.write_bytes(files["signatures.csv"] + b"\n")
    assert whose(delivery) in said_of(path)


def test_an_organiser_pastes_a_watermark_and_is_told_whose_copy_it_is(
    handed_over: tuple[Delivery, dict[str, bytes]], parliament: Recipient, organiser: Client
) -> None:
    delivery, files = handed_over
    exported = content_of(order_list(organiser, parliament))
    begun = prepare(organiser, parliament)
    half = act(organiser, begun, "file", name="signatures.csv")
    first = next(iter(half))
    half.close()
    pasted = [files["signatures.csv"], exported, first, f"watermark_{'0' * 48}".encode()]
    lines = "\n".join(watermark_in("list.csv", content) for content in pasted)
    said = words(organiser.post(reverse("admin:check_files"), {"digests": lines}).content.decode())
    assert f"A copy of the files, hand-over number {delivery.pk} to: Parliament. Handed over on" in said
    assert "A list that was exported on its own, for: Parliament. The download began on" in said
    assert f"Hand-over number {begun.pk} to: Parliament. A download that began on" in said
    assert "No file that was made here carries this watermark." in said
