"""Serves the files of a hand-over, singly or in one ZIP, and keeps a signed manifest of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from typing import Any

from django.db import transaction

from signatures.approving.gate import Act, check_approval, require_approval
from signatures.breaking_off import Question, never
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
from signatures.models import Delivery, Organiser, Packing, Recipient, Signature
from signatures.models.choices import ApprovalKind, Profile
from signatures.models.packing import PROOF

PACKAGE = "package.zip"
# Upper bounds: of any file without names, and of a row of names in any file.
FILE_BYTES_MAX = 64 * 1024 * 1024
ROW_BYTES_MAX = 4096
Rows = Callable[[], int]


class UnknownFileError(Exception):
    """The hand-over has no file of this name."""


class PurgedError(Exception):
    """The signatures were erased, so that no file can be made from them any more."""


class MadeOnceError(Exception):
    """The list was for the organisers' own work, and can't be downloaded a second time."""


class NotGivenNamesError(Exception):
    """The recipient gets totals only, or no published text has named it yet."""


def start_package(
    *, delivery: Delivery, actor: Organiser | None, password: str = "", stop: Question = never
) -> Generator[bytes]:
    """Record that the files leave the site, and return them as a ZIP in chunks.

    Its last files are the manifest and its signature, which are kept for ever.

    :param password: encrypts the files in the ZIP (AES) unless it is empty; it is stored nowhere
    :param stop: whether it has to be broken off meanwhile, and why
    :raises PurgedError: if the signatures were erased
    :raises MadeOnceError: for a list of the organisers' own work
    :raises NeedsApprovalError: if it holds names, and a second person must agree first
    """
    _check_can_be_made(delivery)
    details = {
        "delivery": delivery.pk,
        "file": PACKAGE,
        "encrypted": bool(password),
        "names": gives_names(delivery),
    }
    run = _Run(delivery)
    return _started(run, run.package(password), details, rows=run.written.rows, actor=actor, stop=stop)


def start_file(*, delivery: Delivery, name: str, actor: Organiser | None, stop: Question = never) -> Generator[bytes]:
    """Record that a file leaves the site, and return it in chunks.

    The last byte is sent only after a signed manifest that lists the file is stored.

    :param stop: whether it has to be broken off meanwhile, and why
    :raises UnknownFileError: if the hand-over has no file of this name
    :raises PurgedError: if the signatures were erased; the proof of earlier files remains available
    :raises MadeOnceError: for a list of the organisers' own work; its proof remains available
    :raises NeedsApprovalError: if it holds names, and a second person must agree first
    """
    if name in PROOF and delivery.latest_packing is not None:
        return _start_proof(delivery.latest_packing, name, actor)
    _check_can_be_made(delivery)
    details = details_of(delivery, name)
    run = _Run(delivery)
    return _started(run, run.file(name), details, rows=run.sent.rows, actor=actor, stop=stop)


def _started(
    run: _Run, chunks: Generator[bytes], details: dict[str, Any], *, rows: Rows, actor: Organiser | None, stop: Question
) -> Generator[bytes]:
    """Record that files leave the site, once they can be made and somebody else has agreed if they hold names."""
    delivery = run.delivery
    act = Act(delivery.petition_id, ApprovalKind.FILES, details, target=delivery.pk)
    if details["names"]:
        # So that nobody lets the whole list be read for nothing.
        check_approval(act=act, actor=actor, amount=lambda: delivery.named)
    with ExitStack() as refused:
        refused.callback(chunks.close)
        # This raises for an unknown name, before anything is recorded, and computes the watermarks: by its edition, a
        # copy can be traced that was cut off before a manifest was stored. It reads the whole list, which is too long
        # for the agreement to stay locked.
        next(chunks)
        with transaction.atomic():
            running = recorded(
                chunks,
                recipient=delivery.recipient,
                actor=actor,
                reason="",
                details=details | {"edition": run.watermarks.edition} | _agreed_to(act, delivery, actor),
                rows=rows,
                more=run.facts,
                stop=stop,
            )
        refused.pop_all()
    return running


def _agreed_to(act: Act, delivery: Delivery, actor: Organiser | None) -> dict[str, int]:
    """Use up the agreement to a download of names, if one is needed, and return what the log says of it."""
    if not act.what["names"]:
        return {}
    return require_approval(
        petition_id=act.petition_id,
        kind=act.kind,
        what=act.what,
        actor=actor,
        target=act.target,
        amount=lambda: delivery.named,
    )


def _start_proof(packing: Packing, name: str, actor: Organiser | None) -> Generator[bytes]:
    delivery = packing.delivery
    content = dict(proof_of(packing))[name]
    return recorded(
        (chunk for chunk in [content]),
        recipient=delivery.recipient,
        actor=actor,
        reason="",
        details=details_of(delivery, name),
        rows=Written().rows,
    )


def details_of(delivery: Delivery, name: str) -> dict[str, Any]:
    """Return the details that the audit log keeps about a download of a file."""
    artifact = artifact_of(name)
    names = artifact is not None and artifact.holds_names and gives_names(delivery)
    return {"delivery": delivery.pk, "file": name, "names": names}


def start_export(
    *, recipient: Recipient, layout: Layout, reason: str, actor: Organiser | None, stop: Question = never
) -> Generator[bytes]:
    """Record that an export starts, and return the file in chunks.

    The last byte is sent only after the signed manifest is stored. The file is made once, so its watermark is random,
    and the first chunk need not wait for a fingerprint. The end is recorded when the last chunk was consumed or the
    client closed the generator before.

    :param reason: why the list is made; kept in the audit log
    :param stop: whether it has to be broken off meanwhile, and why
    :raises NotGivenNamesError: for a recipient that gets totals only, or that no published text has named yet
    :raises NeedsApprovalError: if a second person must agree first
    """
    recipient.refresh_from_db()
    if recipient.profile != Profile.NAMES or not recipient.in_versions.exists():
        raise NotGivenNamesError
    with transaction.atomic():
        agreed = require_approval(
            petition_id=recipient.petition_id,
            kind=ApprovalKind.EXPORT,
            what={
                "recipient": recipient.pk,
                "language": layout.language,
                "delimiter": layout.delimiter,
                "order": str(layout.order),
                "latin": layout.latin,
            },
            actor=actor,
            reason=reason,
            amount=lambda: Signature.objects.numbers_for(recipient.petition_id, [recipient])[1][recipient.pk],
        )
        delivery = prepare_own_work(recipient=recipient, layout=layout, actor=actor)
        watermarks, sent = fresh_watermarks(), Written()
        layout_facts = {"language": layout.language, "delimiter": layout.delimiter, "edition": watermarks.edition}
        return recorded(
            _whole_list(delivery, watermarks, sent),
            recipient=recipient,
            actor=actor,
            reason=reason,
            details=details_of(delivery, LIST) | layout_facts | agreed,
            rows=sent.rows,
            stop=stop,
        )


def _whole_list(delivery: Delivery, watermarks: Watermarks, sent: Written) -> Generator[bytes]:
    digests, written = Digests(), Written()

    def keep() -> None:
        totals = read_totals(snapshot, delivery, listed=written.amount)
        Delivery.objects.filter(pk=delivery.pk).update(confirmed=totals.rows, named=totals.listed)
        keep_packing(delivery=delivery, totals=totals, edition=watermarks.edition, digests=digests)

    with closing(Snapshot()) as snapshot:
        chunks = csv_list(list_of(delivery, snapshot), watermarks.of(LIST), written)
        yield from last_byte_held_back(digests.passing(LIST, chunks), written, sent, keep)


class _Run:
    """One pass over the files of a hand-over.

    written: how many rows of names were generated
    sent: how many rows of names were in the chunks sent so far
    watermarks: available once the first chunk, which is empty, was consumed
    """

    watermarks: Watermarks

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.written = Written()
        self.sent = Written()
        self.digests = Digests()
        self.differing: list[str] = []

    def facts(self) -> dict[str, Any]:
        """Return what is known at the end: which files differ from those handed over."""
        return {"differing": self.differing} if self.differing else {}

    def package(self, password: str) -> Generator[bytes]:
        """Yield an empty chunk, then the ZIP."""
        delivery = self.delivery
        with self._opened() as source:
            yield b""
            bytes_max = FILE_BYTES_MAX + delivery.named * ROW_BYTES_MAX
            with closing(self._all_files(source)) as files:
                yield from zipped(files, made_at=delivery.prepared_at, bytes_max=bytes_max, password=password)

    def _all_files(self, source: Source) -> Generator[tuple[str, Iterator[bytes]]]:
        """Yield all files, the proof last; it is stored before it is sent."""
        for name, chunks in files_of(source):
            yield name, self.digests.passing(name, chunks)
        # What follows needs no rows: a slow client must not keep the transaction open.
        source.snapshot.close()
        for name, content in proof_of(self._keep(source, self.digests)):
            yield name, iter([content])

    def file(self, wanted: str) -> Generator[bytes]:
        """Yield an empty chunk, then one file; its last byte follows once a manifest that lists the file is stored."""
        with self._opened() as source:
            for name, chunks in files_of(source):
                if name == wanted:
                    yield b""
                    passing = self.digests.passing(name, chunks)
                    yield from last_byte_held_back(passing, self.written, self.sent, lambda: self._keep_packed(source))
                    return
        raise UnknownFileError(wanted)

    def _keep_packed(self, source: Source) -> None:
        """Store a manifest unless one lists this file; for that, generate every file from the same rows unsent."""
        if is_packed(self.delivery, self.digests.entries[-1]):
            return
        digests = Digests()
        for name, chunks in files_of(replace(source, written=Written())):
            for _chunk in digests.passing(name, chunks):
                pass
        self._keep(source, digests)

    def _keep(self, source: Source, digests: Digests) -> Packing:
        self.differing = differing_from_handed_over(self.delivery, digests)
        edition = self.watermarks.edition
        return keep_packing(delivery=self.delivery, totals=source.totals, edition=edition, digests=digests)

    @contextmanager
    def _opened(self) -> Iterator[Source]:
        """Open a snapshot of the database with its totals and watermarks."""
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
