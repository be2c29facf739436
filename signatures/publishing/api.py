"""The public API: a petition's count, and its split as of the last closed day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control

from signatures.counting.merging import merge_small
from signatures.safeguarding.origins import reading_only
from signatures.texts.pages import newest_version


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def petition_json(request: HttpRequest, slug: str) -> JsonResponse:
    """Return titles, dates, the live count, and the split by country and language with small cells merged."""
    version = newest_version(slug)
    petition = version.petition
    closed = petition.tallies.all().closed_days()
    data: dict[str, Any] = {
        "slug": petition.slug,
        "status": petition.status,
        "titles": dict(version.bodies.values_list("language", "title")),
        "text_version": version.number,
        "opens_at": _iso(petition.opens_at),
        "closes_at": _iso(petition.closes_at),
        "signature_count": petition.tallies.all().count_signatures(),
        "by_country": merge_small({key: count for (key,), count in closed.count_by("country").items()}),
        "by_language": merge_small({key: count for (key,), count in closed.count_by("language").items()}),
    }
    response = JsonResponse(data)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
