"""Traces where a file comes from: by its digest, or by the watermark in a modified copy."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from signatures.delivering.decompression import CHUNK_BYTES, HELD_BYTES_MAX, Budget
from signatures.delivering.watermarks import editions_in
from signatures.models import AuditEntry, Delivery, Packing, Recipient
from signatures.models.choices import AuditAction

# Longer than any watermark, in any encoding.
OVERLAP_BYTES = 1 << 10
PDF, STREAM, END = b"%PDF-", b"stream", b"endstream"


@dataclass(frozen=True)
class Origin:
    """A packing that contains a file with the digest in question.

    :param name: the file's name in that packing
    """

    packing: Packing
    name: str

    @property
    def sentence(self) -> str:
        """Return a sentence that describes the hand-over and whether it was recorded."""
        delivery = self.packing.delivery
        whom = delivery.recipient.name_in("en")
        where = f"hand-over {delivery.pk} to {whom}"
        made = f"made on {self.packing.made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        if delivery.is_own_work:
            return f"list {delivery.pk} for {whom} that was exported on its own: {made}."
        if self.packing.is_handed_over:
            return f"{where}: handed over on {delivery.handed_over_on}."
        if delivery.packing_id is not None:
            return f"{where}: {made}, not the one recorded as handed over."
        return f"{where}: {made}, never recorded as handed over."

    @property
    def never_left(self) -> bool:
        """Return whether its hand-over was never recorded as handed over."""
        return self.packing.delivery.packing_id is None


@dataclass(frozen=True)
class Trace:
    """Where a watermark comes from; both fields are None if no file that was made here carries it.

    :param packing: the packing whose files carry it
    :param download: the audit log's row for the first download of a file that carries it
    """

    packing: Packing | None
    download: AuditEntry | None

    @property
    def delivery(self) -> Delivery | None:
        """Return the hand-over it was made for, or None for a list exported before lists belonged to packings."""
        if self.packing is not None:
            return self.packing.delivery
        if self.download is None or "delivery" not in self.download.details:
            return None
        number = self.download.details["delivery"]
        return Delivery.objects.select_related("recipient").filter(pk=number).first()

    @property
    def recipient(self) -> Recipient | None:
        """Return the recipient it was made for, or None if unknown."""
        if self.delivery is not None:
            return self.delivery.recipient
        if self.download is None or self.download.target is None:
            return None
        return Recipient.objects.filter(pk=self.download.target).first()

    @property
    def began_at(self) -> datetime | None:
        """Return when the download began, in UTC."""
        return self.download.at.astimezone(UTC) if self.download else None

    @property
    def sentence(self) -> str:
        """Return a description of the origin, worded as the end of a sentence."""
        if self.packing is not None and not self.packing.delivery.is_own_work:
            return Origin(self.packing, "").sentence
        if self.download is None:
            return "no file that was made here."
        began = f"a download that began on {self.began_at:%Y-%m-%d %H:%M} UTC (row {self.download.pk} of the audit log)"
        whom = self.recipient.name_in("en") if self.recipient else "a recipient that is no longer on the list"
        if self.delivery is None:
            return f"a list for {whom} that was exported on its own: {began}."
        if self.delivery.is_own_work:
            return f"list {self.delivery.pk} for {whom} that was exported on its own: {began}."
        return f"hand-over {self.delivery.pk} to {whom}: {began}, of which no manifest was kept."


def origins_of(digest: str, petitions: Collection[int] | None = None) -> list[Origin]:
    """Return every packing that has a file with this digest, those handed over first.

    :param petitions: numbers of those whose hand-overs are told of; None for all
    """
    found = [
        Origin(file.packing, file.name)
        for file in Packing.objects.all().with_file(digest)
        if petitions is None or file.packing.delivery.petition_id in petitions
    ]
    return sorted(found, key=lambda origin: (not origin.packing.is_handed_over, origin.never_left))


def traces_of(editions: Iterable[str], petitions: Collection[int] | None = None) -> list[Trace]:
    """Return the traces of each edition, those handed over first.

    :param petitions: numbers of those whose hand-overs are told of; None for all
    """
    return [trace for edition in editions for trace in _traces(edition, petitions)]


def _traces(edition: str, petitions: Collection[int] | None) -> list[Trace]:
    downloads = AuditEntry.objects.filter(action=AuditAction.EXPORT_STARTED, details__edition=edition)
    packings = Packing.objects.filter(edition=edition).select_related("delivery__recipient")
    if petitions is not None:
        downloads = downloads.filter(petition__in=petitions)
        packings = packings.filter(delivery__petition__in=petitions)
    first = downloads.order_by("id").first()
    found = [Trace(packing, first) for packing in packings.order_by("-id")]
    return sorted(found, key=lambda trace: not _is_handed_over(trace)) or [Trace(None, first)]


def _is_handed_over(trace: Trace) -> bool:
    return trace.packing is not None and trace.packing.is_handed_over


def editions_in_file(file: IO[bytes], budget: Budget) -> list[str]:
    """Return the editions of the watermarks in a file and in the compressed parts of it (XLSX, ODS, ZIP, PDF).

    :param file: a file that is cheap to rewind: on the disk, or in memory
    :param budget: how much may be decompressed; what was found before it is exhausted counts
    """
    found = dict.fromkeys(_editions(iter(lambda: file.read(CHUNK_BYTES), b"")))
    file.seek(0)
    further = _editions_in_zip(file, budget) if zipfile.is_zipfile(file) else _editions_in_streams(file, budget)
    return list(found | dict.fromkeys(further))


def _editions(chunks: Iterable[bytes]) -> Iterator[str]:
    held = b""
    for chunk in chunks:
        held += chunk
        # Without its zero bytes, UTF-16 text reads like ASCII.
        yield from editions_in(held.replace(b"\0", b"").decode("ascii", errors="replace"))
        held = held[-OVERLAP_BYTES:]


def _editions_in_zip(file: IO[bytes], budget: Budget) -> Iterator[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as part:
                    yield from _editions(budget.chunks(part))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        # Damaged, or encrypted: what was found before it counts.
        return


def _editions_in_streams(file: IO[bytes], budget: Budget) -> Iterator[str]:
    """Yield the editions in the compressed streams of a PDF, since another program may have rewritten it."""
    file.seek(0)
    content = file.read(HELD_BYTES_MAX) if file.read(len(PDF)) == PDF else b""
    end = 0
    while (start := content.find(STREAM, end)) >= 0 and (end := content.find(END, start)) >= 0:
        packed = content[start + len(STREAM) : end].lstrip(b"\r\n")
        end += len(END)
        yield from _editions(budget.decompressed(packed))
