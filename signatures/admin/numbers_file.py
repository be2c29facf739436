"""The numbers of one petition as CSV: those behind the charts of the first page, and all countries; no names."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from signatures.admin.access import acting_on
from signatures.counting.watching import Watched, watch
from signatures.delivering.writers.csv_file import csv_header, csv_lines
from signatures.delivering.writers.fields import Field

# Codes instead of words, so that the file is the same in every language and nothing in it was typed by anybody.
HEADINGS = [Field(key, key) for key in ("what", "which")]
AMOUNT = "amount"
DELIMITER = ","


@require_safe
@cache_control(no_store=True)
def numbers(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the numbers of a petition as a file.

    :raises PermissionDenied: if the organiser may not see petitions
    """
    _organiser, petition = acting_on(request, "view_petition", pk)
    content = csv_header(HEADINGS, DELIMITER, AMOUNT) + csv_lines(_rows(watch([pk])[pk]), DELIMITER)
    name = f"numbers-{petition.slug}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def _rows(watched: Watched) -> Iterator[tuple[str, str, int]]:
    yield "count", "", watched.count
    yield "sent", "", watched.sent
    yield "confirmed", "", watched.confirmed
    yield "expired", "", watched.expired
    for dimension in ("country", "language", "visibility", "source"):
        for code, amount in watched.split(dimension).items():
            yield dimension, code, amount
    for day, amount in watched.days:
        yield "day (UTC)", f"{day:%Y-%m-%d}", amount
    for hour, amount in watched.hours:
        yield "hour (UTC)", f"{hour:%Y-%m-%d %H:%M}", amount
