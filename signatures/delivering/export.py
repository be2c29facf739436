"""Streams the list of names for one recipient as CSV, for the organisers' own work."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

from signatures.delivering.artifacts import LIST
from signatures.delivering.columns import Layout
from signatures.delivering.recording import recorded
from signatures.delivering.rows import NameList
from signatures.delivering.snapshot import Snapshot
from signatures.delivering.source import Written, csv_list
from signatures.delivering.watermarks import fresh_watermarks
from signatures.models import Organiser, Recipient
from signatures.models.choices import Profile


class NotGivenNamesError(Exception):
    """The recipient is given totals only, or no published text has named it yet."""


def start_export(*, recipient: Recipient, layout: Layout, reason: str, actor: Organiser | None) -> Generator[bytes]:
    """Record that an export starts, and return the file in pieces.

    The end is recorded when the last piece was taken, or when the client closes the generator before it.

    :param reason: why the list is made; kept in the audit log
    :raises NotGivenNamesError: for a recipient that is given totals only, or that no published text has named yet
    """
    recipient.refresh_from_db()
    if recipient.profile != Profile.NAMES or not recipient.in_versions.exists():
        raise NotGivenNamesError
    written = Written()
    watermarks = fresh_watermarks()
    return recorded(
        _whole_list(recipient, layout, written, watermarks.of(LIST)),
        recipient=recipient,
        actor=actor,
        reason=reason,
        details={"language": layout.language, "delimiter": layout.delimiter, "edition": watermarks.edition},
        rows=written.rows,
    )


def _whole_list(recipient: Recipient, layout: Layout, written: Written, watermark: str) -> Generator[bytes]:
    with closing(Snapshot()) as snapshot:
        city = recipient.petition.text_versions.all().asking_city().exists()
        yield from csv_list(NameList(snapshot, recipient, replace(layout, city=city)), watermark, written)
