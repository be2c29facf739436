"""Exports lists of names as an organiser does, and reads them as a recipient does."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import cast

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.delivering.watermarks import PATTERN
from signatures.models import AuditEntry, Petition, Recipient, Signature
from signatures.models.choices import AuditAction, Visibility
from tests.support import factories

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# More than any buffer on the way to a client has room for.
LONG_LIST_ROWS = 50_000
INSERT_LONG_LIST = """
INSERT INTO signatures_signature (petition_id, email_key, state, source, visibility, name, country, language,
    text_version_id, reason_approved, ever_counted, is_listed)
SELECT %s, decode(lpad(to_hex(number), 16, '0'), 'hex'), 'CONFIRMED', 'WEB', 'DELIVERED', repeat('Ж', 100) || number,
    'LT', 'en', %s, false, true, false
FROM generate_series(1, %s) AS number
"""
EXPORTS = [AuditAction.EXPORT_STARTED, AuditAction.EXPORT_FINISHED, AuditAction.EXPORT_ABORTED]


def export_path(petition: Petition) -> str:
    """Return the path of the admin's export page."""
    return reverse("admin:petition_export", args=[petition.pk])


def recipient_of(petition: Petition, name: str) -> Recipient:
    """Return a recipient by its English name."""
    return Recipient.objects.get(petition=petition, name_en=name)


def order_list(client: Client, recipient: Recipient, /, **values: str) -> HttpResponse:
    """Submit the export form for a recipient."""
    form = {"recipient": str(recipient.pk), "language": "en", "delimiter": ",", "reason": "Hand-over", **values}
    return cast("HttpResponse", client.post(export_path(recipient.petition), form))


def content_of(response: HttpResponse) -> bytes:
    """Read a streamed response to its end."""
    assert response.status_code == 200
    return response.getvalue()


def rows_in(content: bytes, delimiter: str = ",") -> list[list[str]]:
    """Parse a CSV file, header first; the watermark's column is checked and left out."""
    assert content.startswith(BYTE_ORDER_MARK)
    text = content.removeprefix(BYTE_ORDER_MARK).decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    watermark, *empty = [row.pop() for row in rows]
    assert PATTERN.fullmatch(watermark)
    assert set(empty) <= {""}
    return rows


def unmarked(content: bytes) -> bytes:
    """Return a file without its random watermark."""
    return re.sub(PATTERN.pattern.encode(), b"", content)


def names_in(content: bytes) -> list[str]:
    """Return the names of a list in order."""
    return [row[1] for row in rows_in(content)[1:]]


def names_given_to(client: Client, recipient: Recipient) -> list[str]:
    """Export a recipient's list and return the names in it."""
    return names_in(content_of(order_list(client, recipient)))


def recorded_exports() -> list[AuditEntry]:
    """Return the audit log's rows about exports, oldest first."""
    return list(AuditEntry.objects.filter(action__in=EXPORTS).order_by("id"))


def add_signatures(petition: Petition, names: Sequence[str | None], cities: Sequence[str] = ()) -> None:
    """Store many confirmed signatures at once, without their tally; None instead of a name makes it COUNTED."""
    version = factories.newest_version(petition)
    start = next(factories.NUMBERS)
    Signature.objects.bulk_create(
        Signature(
            petition=petition,
            text_version=version,
            email_key=start.to_bytes(8) + number.to_bytes(8),
            visibility=Visibility.COUNTED if name is None else Visibility.DELIVERED,
            name=name,
            city=cities[number] if cities else None,
            country="LT",
            language="en",
        )
        for number, name in enumerate(names)
    )


def add_long_list(petition: Petition) -> None:
    """Store ``LONG_LIST_ROWS`` signatures, without what triggers would keep of them, which takes most of the time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signatures_signature DISABLE TRIGGER USER")
        cursor.execute(INSERT_LONG_LIST, [petition.pk, factories.newest_version(petition).pk, LONG_LIST_ROWS])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE signatures_signature ENABLE TRIGGER USER")
