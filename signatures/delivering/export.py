"""Streams the list of names for one recipient as CSV, for the organisers' own work."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from signatures.delivering.actions import prepare_own_work
from signatures.delivering.artifacts import LIST
from signatures.delivering.columns import Layout
from signatures.delivering.downloads import details_of
from signatures.delivering.manifests import Digests, keep_packing
from signatures.delivering.recording import recorded
from signatures.delivering.rows import list_of
from signatures.delivering.snapshot import Snapshot
from signatures.delivering.source import Written, csv_list, last_byte_held_back
from signatures.delivering.totals import read_totals
from signatures.delivering.watermarks import Watermarks, fresh_watermarks
from signatures.models import Delivery, Organiser, Recipient
from signatures.models.choices import Profile


class NotGivenNamesError(Exception):
    """The recipient is given totals only, or no published text has named it yet."""


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
