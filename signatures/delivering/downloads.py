"""Hands files out, each alone or all in one ZIP, and keeps a signed manifest of what they were."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from signatures.delivering.actions import prepare_own_work
from signatures.delivering.artifacts import LIST, artifact_of, files_of, gives_names, proof_of
from signatures.delivering.columns import Layout
from signatures.delivering.fingerprint import fingerprint_of
from signatures.delivering.manifests import Digests, differing_from_handed_over, is_packed, keep_packing
from signatures.delivering.recording import recorded
from signatures.delivering.rows import Snapshot, list_of
from signatures.delivering.source import Source, Written, csv_list, last_byte_held_back
from signatures.delivering.streaming import zipped
from signatures.delivering.totals import read_totals
from signatures.delivering.watermarks import Watermarks, fresh_watermarks, watermarks_of
from signatures.models import Delivery, Organiser, Packing, Recipient
from signatures.models.choices import Profile
from signatures.models.packing import PROOF

PACKAGE = "package.zip"
# More than any file without names has, and than any row of names takes in any of the files.
FILE_BYTES_MAX = 64 * 1024 * 1024
ROW_BYTES_MAX = 4096


class UnknownFileError(Exception):
    """The hand-over has no such file."""


class PurgedError(Exception):
    """The signatures were erased, so that no file can be made of them any more."""


class MadeOnceError(Exception):
    """The list was for the organisers' own work, and is made once."""


class NotGivenNamesError(Exception):
    """The recipient is given totals only, or no published text has named it yet."""


def start_package(*, delivery: Delivery, actor: Organiser | None, password: str = "") -> Generator[bytes]:
    """Record that the files leave the house, and return them as a ZIP in pieces.

    Its last files are the manifest of what was packed and its signature, which are kept for ever.

    :param password: encrypts the files in the ZIP (AES) where it is not empty; it is kept nowhere
    :raises PurgedError: where the signatures were erased
    :raises MadeOnceError: for a list of the organisers' own work
    """
    _check_can_be_made(delivery)
    run = _Run(delivery)
    pieces = run.package(password)
    # By its edition a copy is traced that was let go before any manifest was kept.
    next(pieces)
    return recorded(
        pieces,
        recipient=delivery.recipient,
        actor=actor,
        reason="",
        details={
            "delivery": delivery.pk,
            "file": PACKAGE,
            "encrypted": bool(password),
            "names": gives_names(delivery),
            "edition": run.watermarks.edition,
        },
        rows=run.written.rows,
        more=run.facts,
    )


def start_file(*, delivery: Delivery, name: str, actor: Organiser | None) -> Generator[bytes]:
    """Record that a file leaves the house, and return it in pieces.

    It is whole only when a signed manifest that it belongs to is kept.

    :raises UnknownFileError: where the hand-over has no file of this name
    :raises PurgedError: where the signatures were erased; the proof of what was made before can still be had
    :raises MadeOnceError: for a list of the organisers' own work, likewise
    """
    if name in PROOF and delivery.latest_packing is not None:
        return _start_proof(delivery.latest_packing, name, actor)
    _check_can_be_made(delivery)
    run = _Run(delivery)
    pieces = run.file(name)
    # An unknown name shows here, before anything is recorded.
    next(pieces)
    return recorded(
        pieces,
        recipient=delivery.recipient,
        actor=actor,
        reason="",
        details=details_of(delivery, name) | {"edition": run.watermarks.edition},
        rows=run.told.rows,
        more=run.facts,
    )


def _start_proof(packing: Packing, name: str, actor: Organiser | None) -> Generator[bytes]:
    delivery = packing.delivery
    content = dict(proof_of(packing))[name]
    return recorded(
        (piece for piece in [content]),
        recipient=delivery.recipient,
        actor=actor,
        reason="",
        details=details_of(delivery, name),
        rows=Written().rows,
    )


def details_of(delivery: Delivery, name: str) -> dict[str, Any]:
    """Return what the audit log says of a download of a file."""
    artifact = artifact_of(name)
    names = artifact is not None and artifact.holds_names and gives_names(delivery)
    return {"delivery": delivery.pk, "file": name, "names": names}


def start_export(*, recipient: Recipient, layout: Layout, reason: str, actor: Organiser | None) -> Generator[bytes]:
    """Record that an export starts, and return the file in chunks.

    The file is whole only when its signed manifest is kept. It is made once, so that its watermark is drawn, and the
    first chunk waits for no fingerprint. The end is recorded when the last chunk was taken, or when the client closes
    the generator before it.

    :param reason: why the list is made; kept in the audit log
    :raises NotGivenNamesError: for a recipient that is given totals only, or that no published text has named yet
    """
    recipient.refresh_from_db()
    if recipient.profile != Profile.NAMES or not recipient.in_versions.exists():
        raise NotGivenNamesError
    delivery = prepare_own_work(recipient=recipient, layout=layout, actor=actor)
    watermarks, told = fresh_watermarks(), Written()
    layout_told = {"language": layout.language, "delimiter": layout.delimiter, "edition": watermarks.edition}
    return recorded(
        _whole_list(delivery, watermarks, told),
        recipient=recipient,
        actor=actor,
        reason=reason,
        details=details_of(delivery, LIST) | layout_told,
        rows=told.rows,
    )


def _whole_list(delivery: Delivery, watermarks: Watermarks, told: Written) -> Generator[bytes]:
    digests, written = Digests(), Written()

    def keep() -> None:
        totals = read_totals(snapshot, delivery, listed=written.amount)
        Delivery.objects.filter(pk=delivery.pk).update(confirmed=totals.rows, named=totals.listed)
        keep_packing(delivery=delivery, totals=totals, edition=watermarks.edition, digests=digests)

    with closing(Snapshot()) as snapshot:
        chunks = csv_list(list_of(delivery, snapshot), watermarks.of(LIST), written)
        yield from last_byte_held_back(digests.passing(LIST, chunks), written, told, keep)


class _Run:
    """One run through files of a hand-over.

    written: how many rows of names were made
    told: how many rows of names the pieces hold that were handed out
    watermarks: of the files, known once the first piece, which is empty, was taken
    """

    watermarks: Watermarks

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
        """Yield nothing, then the ZIP."""
        delivery = self.delivery
        with self._opened() as source:
            yield b""
            bytes_max = FILE_BYTES_MAX + delivery.named * ROW_BYTES_MAX
            with closing(self._all_files(source)) as files:
                yield from zipped(files, made_at=delivery.prepared_at, bytes_max=bytes_max, password=password)

    def _all_files(self, source: Source) -> Generator[tuple[str, Iterator[bytes]]]:
        """Yield all files, the proof last; it is kept before it is handed out."""
        for name, pieces in files_of(source):
            yield name, self.digests.passing(name, pieces)
        # What follows needs no rows: however slowly it is taken, it holds up nobody.
        source.snapshot.close()
        for name, content in proof_of(self._keep(source, self.digests)):
            yield name, iter([content])

    def file(self, wanted: str) -> Generator[bytes]:
        """Yield nothing, then one file; its last piece goes out when a manifest that names the file is kept."""
        with self._opened() as source:
            for name, pieces in files_of(source):
                if name == wanted:
                    yield b""
                    passing = self.digests.passing(name, pieces)
                    yield from last_byte_held_back(passing, self.written, self.told, lambda: self._keep_packed(source))
                    return
        raise UnknownFileError(wanted)

    def _keep_packed(self, source: Source) -> None:
        """Make every file from the same rows, without handing it out, for the manifest, unless this one is in one."""
        if is_packed(self.delivery, self.digests.entries[-1]):
            return
        digests = Digests()
        for name, pieces in files_of(replace(source, written=Written())):
            for _piece in digests.passing(name, pieces):
                pass
        self._keep(source, digests)

    def _keep(self, source: Source, digests: Digests) -> Packing:
        self.differing = differing_from_handed_over(self.delivery, digests)
        edition = self.watermarks.edition
        return keep_packing(delivery=self.delivery, totals=source.totals, edition=edition, digests=digests)

    @contextmanager
    def _opened(self) -> Iterator[Source]:
        """Lend one state of the database, its numbers read and the watermarks for it known."""
        delivery = self.delivery
        with closing(Snapshot()) as snapshot:
            totals = read_totals(snapshot, delivery)
            self.watermarks = watermarks_of(delivery, fingerprint_of(delivery, totals, snapshot))
            yield Source(delivery, totals, snapshot, self.watermarks, self.written)


def _check_can_be_made(delivery: Delivery) -> None:
    if delivery.is_own_work:
        raise MadeOnceError
    delivery.petition.refresh_from_db(fields=["purged_at"])
    if delivery.petition.purged_at is not None:
        raise PurgedError
