"""Hands the files of a hand-over out, each alone or all in one ZIP, and signs what they were."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

from stream_zip import ZIP_AUTO, stream_zip

from signatures.delivering.export import Written
from signatures.delivering.files import DOCUMENT, LIST, README, TOTALS, WORKBOOK, files_of, span_of
from signatures.delivering.manifest import Digests
from signatures.delivering.packing import (
    PROOF,
    differing_from_handed_over,
    is_packed,
    keep_packing,
    proof_of,
)
from signatures.delivering.recording import recorded
from signatures.delivering.snapshot import Snapshot
from signatures.delivering.totals import Totals, read_totals
from signatures.models import Delivery, Organiser, Packing
from signatures.models.choices import Profile

PACKAGE = "package.zip"
FILE_MODE = 0o100600
# Text shrinks to a fifth even so; more effort takes longer than the list itself.
COMPRESSION_LEVEL = 1
# More than any file without names has, and than any row of names takes in any of the files.
FILE_BYTES_MAX = 64 * 1024 * 1024
ROW_BYTES_MAX = 4096


class UnknownFileError(Exception):
    """The hand-over has no such file."""


class PurgedError(Exception):
    """The signatures were erased, so that no file can be made of them any more."""


def start_package(*, delivery: Delivery, actor: Organiser | None, password: str = "") -> Generator[bytes]:
    """Record that the files leave the house, and return them as a ZIP in pieces.

    Its last files are the manifest of what was packed and its signature, which are kept for ever.

    :param password: encrypts the files in the ZIP (AES) where it is not empty; it is kept nowhere
    :raises PurgedError: where the signatures were erased
    """
    _stop_if_purged(delivery)
    run = _Run(delivery)
    names = delivery.profile == Profile.NAMES
    return recorded(
        run.package(password),
        recipient=delivery.recipient,
        actor=actor,
        reason="",
        details={"delivery": delivery.pk, "file": PACKAGE, "encrypted": bool(password), "names": names},
        rows=run.written.rows,
        more=run.facts,
    )


def start_file(*, delivery: Delivery, name: str, actor: Organiser | None) -> Generator[bytes]:
    """Record that a file leaves the house, and return it in pieces.

    It is whole only when a signed manifest that it belongs to is kept.

    :raises UnknownFileError: where the hand-over has no file of this name
    :raises PurgedError: where the signatures were erased; the proof of what was made before can still be had
    """
    packing = delivery.latest_packing
    if name not in PROOF or packing is None:
        _stop_if_purged(delivery)
    run = _Run(delivery)
    names = delivery.profile == Profile.NAMES
    pieces = _proof_file(packing, name) if name in PROOF else run.file(name)
    # An unknown name shows here, before anything is recorded.
    next(pieces)
    return recorded(
        pieces,
        recipient=delivery.recipient,
        actor=actor,
        reason="",
        details={"delivery": delivery.pk, "file": name, "names": names and has_names(name)},
        rows=run.told.rows,
        more=run.facts,
    )


def has_names(name: str) -> bool:
    """Tell whether a file of a hand-over holds names."""
    return name.startswith("signatures.") or name.endswith(".pdf")


def file_names(delivery: Delivery, *, purged: bool = False) -> list[str]:
    """Return the files that can be had alone: those of the manifest, or the ones that are sure before it is made.

    :param purged: whether the signatures were erased, so that only the proof is left
    """
    packing = delivery.latest_packing
    if purged:
        return [] if packing is None else list(PROOF)
    if packing is not None:
        return [*(str(entry["name"]) for entry in packing.files if entry["name"] not in PROOF), *PROOF]
    names = delivery.profile == Profile.NAMES
    chosen = {LIST: names, WORKBOOK: names and delivery.with_workbook, DOCUMENT: delivery.with_document}
    return [README, TOTALS, *(name for name, wanted in chosen.items() if wanted)]


class _Run:
    """One run through files of a hand-over.

    written: how many rows of names were made
    told: how many rows of names the pieces hold that were handed out
    """

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.written = Written()
        self.told = Written()
        self.digests = Digests()
        self.differing: list[str] = []

    def facts(self) -> dict[str, Any]:
        """Return what is known at the end: which files are others than those that were handed over."""
        return {"differing": self.differing} if self.differing else {}

    def package(self, password: str) -> Generator[bytes]:
        """Yield the ZIP."""
        with closing(self._all_files()) as files:
            yield from stream_zip(self._members(files), password=password or None)

    def _members(self, files: Iterator[tuple[str, Iterator[bytes]]]) -> Iterator[tuple[Any, ...]]:
        bound = FILE_BYTES_MAX + self.delivery.named * ROW_BYTES_MAX
        for name, pieces in files:
            method = ZIP_AUTO(bound, level=COMPRESSION_LEVEL)
            yield name, self.delivery.prepared_at, FILE_MODE, method, pieces

    def _all_files(self) -> Generator[tuple[str, Iterator[bytes]]]:
        """Yield all files, the proof last; it is kept before it is handed out."""
        with closing(Snapshot()) as snapshot:
            totals = self._totals(snapshot)
            for name, pieces in files_of(self.delivery, totals, snapshot, self.written):
                yield name, self.digests.passing(name, pieces)
        self.differing = differing_from_handed_over(self.delivery, self.digests)
        packing = keep_packing(delivery=self.delivery, totals=totals, digests=self.digests)
        for name, content in proof_of(packing):
            yield name, iter([content])

    def file(self, wanted: str) -> Generator[bytes]:
        """Yield nothing, then one file; its last piece goes out when a manifest that names the file is kept."""
        with closing(Snapshot()) as snapshot:
            totals = self._totals(snapshot)
            for name, pieces in files_of(self.delivery, totals, snapshot, self.written):
                if name == wanted:
                    yield b""
                    yield from self._held_back(self.digests.passing(name, pieces), totals, snapshot)
                    return
        raise UnknownFileError(wanted)

    def _held_back(self, pieces: Iterator[bytes], totals: Totals, snapshot: Snapshot) -> Generator[bytes]:
        held: tuple[bytes, int] | None = None
        for piece in pieces:
            made = self.written.amount
            if held is not None:
                yield self._tell(*held)
            held = piece, made
        if not is_packed(self.delivery, self.digests.entries[-1]):
            self._pack(totals, snapshot)
        if held is not None:
            yield self._tell(*held)

    def _tell(self, piece: bytes, rows: int) -> bytes:
        self.told.amount = rows
        return piece

    def _pack(self, totals: Totals, snapshot: Snapshot) -> None:
        """Make every file from the same rows, without handing it out, for the manifest."""
        digests = Digests()
        for name, pieces in files_of(self.delivery, totals, snapshot, Written()):
            for _piece in digests.passing(name, pieces):
                pass
        self.differing = differing_from_handed_over(self.delivery, digests)
        keep_packing(delivery=self.delivery, totals=totals, digests=digests)

    def _totals(self, snapshot: Snapshot) -> Totals:
        delivery = self.delivery
        return read_totals(snapshot, delivery, span_of(delivery))


def _proof_file(packing: Packing | None, wanted: str) -> Generator[bytes]:
    if packing is None:
        raise UnknownFileError(wanted)
    yield b""
    yield dict(proof_of(packing))[wanted]


def _stop_if_purged(delivery: Delivery) -> None:
    delivery.petition.refresh_from_db(fields=["purged_at"])
    if delivery.petition.purged_at is not None:
        raise PurgedError
