"""The public API: a petition's count and its breakdown, as published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control

from signatures.counting.figures import published_cells
from signatures.counting.published import published_numbers
from signatures.safeguarding.public_guards import reading_only
from signatures.texts.shown_version import newest_version


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def petition_json(request: HttpRequest, slug: str) -> JsonResponse:
    """Return titles, times, the published count, and its breakdown by country and language as released.

    ``status`` is the petition's current phase: UPCOMING, OPEN or CLOSED. Small cells are left out.
    """
    version = newest_version(slug)
    petition = version.petition
    numbers = published_numbers(petition, version.rules)
    data: dict[str, Any] = {
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
    response = JsonResponse(data)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
