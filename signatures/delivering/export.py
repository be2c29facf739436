"""Streams the list of names for one recipient as CSV, in constant memory."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

from django.db import connection
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812 - the class has a lower-case name

from signatures import auditing
from signatures.delivering.query import Columns, block_end, block_rows
from signatures.models import Organiser, Petition, Recipient
from signatures.models.choices import AuditAction, Profile

BLOCK_ROWS = 20_000
BYTE_ORDER_MARK = "\ufeff".encode()
REASON_LENGTH_MAX = 200


class NotGivenNamesError(Exception):
    """The recipient is given totals only."""


@dataclass(frozen=True)
class Preview:
    """What a list would hold, said before it is made.

    :param confirmed: all signatures that count
    :param named: those that the list would name
    """

    recipient: Recipient
    confirmed: int
    named: int

    @property
    def unnamed(self) -> int:
        """Return how many are numbers only."""
        return self.confirmed - self.named


def preview_exports(petition: Petition) -> list[Preview]:
    """Return for each recipient how many names its list would hold."""
    rows = petition.signatures.all().confirmed().by_version_and_naming()
    confirmed = sum(amount for _, _, amount in rows)
    previews = []
    for recipient in petition.recipients.all():
        shown = recipient.in_versions.filter(profile=Profile.NAMES).values_list("version_id", flat=True)
        versions = set(shown) if recipient.profile == Profile.NAMES else set()
        named = sum(amount for version, has_name, amount in rows if has_name and version in versions)
        previews.append(Preview(recipient, confirmed, named))
    return previews


def start_export(*, recipient: Recipient, columns: Columns, reason: str, actor: Organiser | None) -> Generator[bytes]:
    """Record that an export starts, and return the file in pieces.

    The end is recorded when the last piece was taken, or when the taker closes the generator before it.

    :param reason: why the list is made; kept in the audit log
    :raises NotGivenNamesError: for a recipient that is given totals only
    """
    recipient.refresh_from_db()
    if recipient.profile != Profile.NAMES:
        raise NotGivenNamesError
    facts = {"language": columns.language, "delimiter": columns.delimiter}
    auditing.record(
        actor=actor,
        action=AuditAction.EXPORT_STARTED,
        petition=recipient.petition,
        target=recipient.pk,
        reason=reason,
        details=facts,
    )
    pieces = _recorded(recipient, columns, actor)
    # A generator that has not begun would say nothing of its end.
    next(pieces)
    return pieces


def _recorded(recipient: Recipient, columns: Columns, actor: Organiser | None) -> Generator[bytes]:
    digest = hashlib.sha256()
    size = rows = 0
    action = AuditAction.EXPORT_ABORTED
    try:
        yield b""
        with closing(csv_pieces(recipient, columns)) as pieces:
            for piece, written in pieces:
                digest.update(piece)
                size += len(piece)
                yield piece
                rows = written
        action = AuditAction.EXPORT_FINISHED
    finally:
        auditing.record(
            actor=actor,
            action=action,
            petition=recipient.petition,
            target=recipient.pk,
            amount=rows,
            details={"bytes": size, "sha256": digest.hexdigest()},
        )


def csv_pieces(recipient: Recipient, columns: Columns) -> Generator[tuple[bytes, int]]:
    """Yield pieces of the file, each with how many rows are written by its end.

    A connection of its own reads one snapshot from the first row to the last; blocks of COPY keep memory constant.
    """
    with_city = recipient.petition.asks_city
    yield _head(columns, with_city=with_city), 0
    own = connection.copy()
    own.ensure_connection()
    raw = own.connection
    try:
        raw.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True, autocommit=False)
        after = written = 0
        while True:
            last, amount = _one(raw, block_end(recipient, after, BLOCK_ROWS))
            if not amount:
                break
            query = block_rows(recipient, columns, after=after, up_to=last, written=written, with_city=with_city)
            written += amount
            after = last
            yield _copy(raw, query, columns.delimiter), written
    finally:
        own.close()


def _head(columns: Columns, *, with_city: bool) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=columns.delimiter, lineterminator="\n").writerow(columns.header(with_city=with_city))
    return BYTE_ORDER_MARK + text.getvalue().encode()


def _one(raw: PsycopgConnection, query: sql.Composable) -> tuple[int, int]:
    with raw.cursor() as cursor:
        cursor.execute(query)
        last, amount = cursor.fetchone() or (0, 0)
    return last, amount


def _copy(raw: PsycopgConnection, query: sql.Composable, delimiter: str) -> bytes:
    buffer = io.BytesIO()
    with raw.cursor() as cursor:
        copy = sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv, DELIMITER {})").format(query, sql.Literal(delimiter))
        cursor.copy_expert(copy, buffer)
    return buffer.getvalue()
