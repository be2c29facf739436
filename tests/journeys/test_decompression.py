"""A file that anybody may have brought unfolds to no more than a check may take, however it is made."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import pytest

from signatures.delivering import decompression, verify
from signatures.delivering.decompression import CHUNK_BYTES, Budget
from signatures.delivering.verify import TOO_MUCH, check_path
from tests.support.hand_overs import unpack_to

pytestmark = pytest.mark.django_db
SMALL = 4 << 20
# A piece is read before it is known that it is too much.
SOME_MORE = 1 << 20
WATERMARK = b"watermark_" + b"0123456789abcdef" * 3


@pytest.fixture(autouse=True)
def unfolded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the bytes that are unfolded, and let a check take few."""
    monkeypatch.setattr(decompression, "DECOMPRESSED_BYTES_MIN", SMALL)
    monkeypatch.setattr(decompression, "DECOMPRESSED_TIMES", 0)
    amounts: list[int] = []
    read = zipfile.ZipExtFile.read

    def counted(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        piece = read(self, n)
        amounts.append(len(piece))
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    return amounts


def packed(path: Path, files: dict[str, bytes]) -> Path:
    """Write a ZIP."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def in_memory(files: dict[str, bytes]) -> bytes:
    """Return a ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("named", [True, False])
def test_many_members_share_what_one_check_may_unfold(tmp_path: Path, unfolded: list[int], named: bool) -> None:
    signed = {"manifest.json": b"{}", "manifest.sig": b"x"} if named else {}
    bomb = packed(tmp_path / "bomb.zip", {**signed, **{f"{n}.csv": bytes(SMALL // 2) for n in range(50)}})
    assert bomb.stat().st_size < SMALL // 10
    assert TOO_MUCH in check_path(bomb).problems
    assert sum(unfolded) + SOME_MORE > SMALL
    assert sum(unfolded) <= SMALL + SOME_MORE


def test_manifest_and_signature_are_read_no_further_than_any_is_long(
    tmp_path: Path, unfolded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MANIFEST_BYTES_MAX", 1 << 10)
    # Whatever else is looked for in them.
    monkeypatch.setattr(verify, "_all_marks", lambda *_: [])
    bomb = packed(tmp_path / "bomb.zip", {"manifest.json": bytes(SMALL // 2), "manifest.sig": bytes(SMALL // 2)})
    assert "manifest.json is that of no hand-over of this site." in check_path(bomb).problems
    assert sum(unfolded) == 2 * CHUNK_BYTES


def test_what_lies_in_a_member_is_paid_from_the_same_budget(tmp_path: Path, unfolded: list[int]) -> None:
    # Each entry of the inner ZIP begins before the one that is read first: jumping back would unfold all of it anew.
    inner = in_memory({f"{n}": bytes(SMALL // 8) for n in range(20)})
    assert TOO_MUCH in check_path(packed(tmp_path / "bomb.zip", {"in.xlsx": inner})).problems
    assert sum(unfolded) <= SMALL + SOME_MORE


def test_streams_of_a_pdf_share_it_too(tmp_path: Path) -> None:
    stream = zlib.compress(bytes(SMALL // 2))
    pdf = tmp_path / "bomb.pdf"
    pdf.write_bytes(b"%PDF-1.7\n" + b"".join(b"stream\n" + stream + b"\nendstream\n" for _ in range(50)))
    assert TOO_MUCH in check_path(pdf).problems


def test_no_more_is_held_in_memory_than_may_be_and_what_is_cut_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompression, "HELD_BYTES_MAX", 10)
    for pieces, held, is_cut in (([b"12345"] * 2, b"1234512345", False), ([b"12345"] * 3, b"1234512345", True)):
        budget = Budget()
        assert budget.content(pieces) == held
        assert budget.is_spent == is_cut


def test_damaged_streams_are_paid_for_and_what_is_no_stream_costs_nothing() -> None:
    budget = Budget(SMALL)
    stream = zlib.compress(bytes(SMALL // 2), 9)
    for _ in range(20):
        list(budget.decompressed(stream[:-4] + b"xxxx"))
    assert budget.left < SOME_MORE
    budget = Budget(SMALL)
    for _ in range(20):
        assert list(budget.decompressed(b"\xff\xd8 a picture" * 1000)) == []
    assert (budget.left, budget.is_spent) == (SMALL, False)


def test_what_is_found_before_the_budget_is_spent_is_told(tmp_path: Path) -> None:
    files = {"a.csv": WATERMARK + b"\n", **{f"{n}.csv": bytes(SMALL // 2) for n in range(50)}}
    problems = check_path(packed(tmp_path / "bomb.zip", files)).problems
    assert any(problem.startswith("a.csv carries the watermark of") for problem in problems)


def test_a_manifest_that_is_nested_without_end_is_that_of_no_hand_over(tmp_path: Path) -> None:
    deep = b'{"delivery": ' + b"[" * 200_000
    folder = unpack_to(tmp_path / "deep", {"manifest.json": deep, "manifest.sig": b"x"})
    assert "manifest.json is that of no hand-over of this site." in check_path(folder).problems


def test_two_files_of_one_name_in_a_zip_are_told(tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("signatures.csv", b"one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("signatures.csv", b"other")
    assert "signatures.csv is in the ZIP more than once." in check_path(path).problems
