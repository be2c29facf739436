"""Hands the files of a hand-over out, each alone or all in one ZIP, and signs what they were."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

from django.db import transaction
from stream_zip import ZIP_AUTO, stream_zip

from signatures.delivering.export import Written
from signatures.delivering.files import DOCUMENT, LIST, PUBLIC_KEY, README, TOTALS, WORKBOOK, files_of, span_of
from signatures.delivering.manifest import MANIFEST, SIGNATURE, Digests, differing_files, manifest_bytes
from signatures.delivering.recording import recorded
from signatures.delivering.snapshot import Snapshot
from signatures.delivering.totals import Totals, read_totals
from signatures.models import Delivery, Organiser
from signatures.models.choices import DeliveryState, Profile
from signatures.safeguarding import seal

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

    Its last files are the manifest of what was packed and its signature, which are kept with the hand-over.

    :param password: encrypts the files in the ZIP (AES) where it is not empty; it is kept nowhere
    :raises PurgedError: where the signatures were erased
    """
    _stop_if_purged(delivery)
    packed = _Packed(delivery)
    names = delivery.profile == Profile.NAMES
    return recorded(
        packed.pieces(password),
        recipient=delivery.recipient,
        actor=actor,
        reason="",
        details={"delivery": delivery.pk, "file": PACKAGE, "encrypted": bool(password), "names": names},
        rows=packed.written.rows,
        more=packed.facts,
    )


def start_file(*, delivery: Delivery, name: str, actor: Organiser | None) -> Generator[bytes]:
    """Record that a file leaves the house, and return it in pieces.

    :raises UnknownFileError: where the hand-over has no file of this name
    :raises PurgedError: where the signatures were erased
    """
    _stop_if_purged(delivery)
    written = Written()
    names = delivery.profile == Profile.NAMES
    pieces = _file(delivery, name, written)
    # An unknown name shows here, before anything is recorded.
    next(pieces)
    return recorded(
        pieces,
        recipient=delivery.recipient,
        actor=actor,
        reason="",
        details={"delivery": delivery.pk, "file": name, "names": names and has_names(name)},
        rows=written.rows,
    )


def has_names(name: str) -> bool:
    """Tell whether a file of a hand-over holds names."""
    return name.startswith("signatures.") or name.endswith(".pdf")


def file_names(delivery: Delivery) -> list[str]:
    """Return the files that can be had alone: those of the manifest, or the ones that are sure before it is made."""
    if delivery.manifest:
        return [*(str(entry["name"]) for entry in delivery.files), MANIFEST, SIGNATURE]
    names = delivery.profile == Profile.NAMES
    chosen = {LIST: names, WORKBOOK: names and delivery.with_workbook, DOCUMENT: delivery.with_document}
    return [README, TOTALS, *(name for name, wanted in chosen.items() if wanted), PUBLIC_KEY]


def make_manifest(*, delivery: Delivery) -> None:
    """Make every file without keeping any, and keep the manifest of them and its signature.

    :raises PurgedError: where the signatures were erased
    """
    _stop_if_purged(delivery)
    with closing(_Packed(delivery).files()) as files:
        for _name, pieces in files:
            for _piece in pieces:
                pass


class _Packed:
    """One run through all files of a hand-over."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.written = Written()
        self.digests = Digests()
        self.differing: list[str] = []

    def facts(self) -> dict[str, Any]:
        """Return what is known at the end: which files are others than those that were handed over."""
        return {"differing": self.differing} if self.differing else {}

    def pieces(self, password: str) -> Generator[bytes]:
        """Yield the ZIP."""
        with closing(self.files()) as files:
            yield from stream_zip(self._members(files), password=password or None)

    def _members(self, files: Iterator[tuple[str, Iterator[bytes]]]) -> Iterator[tuple[Any, ...]]:
        bound = FILE_BYTES_MAX + self.delivery.named * ROW_BYTES_MAX
        for name, pieces in files:
            method = ZIP_AUTO(bound, level=COMPRESSION_LEVEL)
            yield name, self.delivery.prepared_at, FILE_MODE, method, pieces

    def files(self) -> Generator[tuple[str, Iterator[bytes]]]:
        """Yield all files, the manifest and its signature last; they are kept before they are handed out."""
        delivery = self.delivery
        with closing(Snapshot()) as snapshot:
            totals = read_totals(snapshot, delivery.recipient, span_of(delivery), by_country=delivery.by_country)
            for name, pieces in files_of(delivery, totals, snapshot, self.written):
                yield name, self.digests.passing(name, pieces)
        manifest, signature = self._keep(totals)
        yield MANIFEST, iter([manifest])
        yield SIGNATURE, iter([signature])

    def _keep(self, totals: Totals) -> tuple[bytes, bytes]:
        """Sign and keep the manifest, or return the one that is out of the house."""
        with transaction.atomic():
            delivery = Delivery.objects.select_for_update().get(pk=self.delivery.pk)
            if delivery.state != DeliveryState.PREPARED:
                self.differing = differing_files(delivery.manifest, self.digests.entries)
                return delivery.manifest.encode(), bytes(delivery.signature)
            manifest = manifest_bytes(delivery, totals, self.digests)
            delivery.manifest = manifest.decode()
            delivery.signature = seal.sign(manifest)
            delivery.public_key = seal.public_key()
            delivery.confirmed, delivery.named = totals.confirmed, totals.named
            delivery.save(update_fields=["manifest", "signature", "public_key", "confirmed", "named"])
            return manifest, delivery.signature


def _file(delivery: Delivery, wanted: str, written: Written) -> Generator[bytes]:
    if wanted in {MANIFEST, SIGNATURE}:
        if not delivery.manifest:
            raise UnknownFileError(wanted)
        yield b""
        yield delivery.manifest.encode() if wanted == MANIFEST else bytes(delivery.signature)
        return
    with closing(Snapshot()) as snapshot:
        totals = read_totals(snapshot, delivery.recipient, span_of(delivery), by_country=delivery.by_country)
        for name, pieces in files_of(delivery, totals, snapshot, written):
            if name == wanted:
                yield b""
                yield from pieces
                return
    raise UnknownFileError(wanted)


def _stop_if_purged(delivery: Delivery) -> None:
    delivery.petition.refresh_from_db(fields=["purged_at"])
    if delivery.petition.purged_at is not None:
        raise PurgedError
