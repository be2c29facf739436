"""The public API, as published and as docs/api.md describes it: a petition's count with its breakdown, and its days."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control

from signatures.counting.figures import published_cells
from signatures.counting.ledger import COLUMNS, as_data, ledger_of
from signatures.counting.published import published_numbers
from signatures.safeguarding.public_guards import reading_only
from signatures.texts.shown_version import newest_version

# Of what the JSON means: a field may be added under the same number, none is taken away or means something else.
API_VERSION = 1


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def petition_json(request: HttpRequest, slug: str) -> HttpResponse:
    """Return titles, times, the published count, and its breakdown by country and language as released.

    ``status`` is the petition's current phase: UPCOMING, OPEN or CLOSED. Small cells are left out.
    """
    version = newest_version(slug)
    petition = version.petition
    numbers = published_numbers(petition, version.rules)
    data: dict[str, Any] = {
        "api_version": API_VERSION,
        "slug": petition.slug,
        "status": version.phase,
        "titles": dict(version.bodies.values_list("language", "title")),
        "text_version": version.number,
        "opens_at": _iso(petition.opens_at),
        "closes_at": _iso(petition.closes_at),
        "signature_count": numbers.count,
        "split_as_of": _iso(numbers.as_of),
        "by_country": published_cells(numbers.figures.countries),
        "by_language": published_cells(numbers.figures.languages),
    }
    return for_other_sites(JsonResponse(data))


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def days_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the days of the ledger, the oldest first, as a table whose headings are the keys of the ledger's JSON.

    What is not published is an empty cell.
    """
    version = newest_version(slug)
    headers = {"Content-Disposition": f'attachment; filename="{version.petition.slug}.csv"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    table = csv.DictWriter(response, COLUMNS)
    table.writeheader()
    told = version.rules.forms_are_told
    table.writerows(as_data(day, forms_are_told=told) for day in ledger_of(version.petition))
    return for_other_sites(response)


def for_other_sites(response: HttpResponse) -> HttpResponse:
    """Let scripts of every site read a response."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
