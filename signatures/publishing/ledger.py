"""The ledger as a page and as JSON: anyone can add up the count."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from signatures.counting.ledger import as_data, by_month, ledger_of
from signatures.counting.progress import last_closed_day
from signatures.models.choices import StateReason
from signatures.safeguarding.origins import reading_only
from signatures.texts.pages import newest_version, published_page

DAYS_SHOWN = 60
# Columns that would mostly be empty, and push others out of a narrow screen.
RARE = ("paper", "imported", "restored", "corrected")
FORMULA = "count = confirmed + paper + imported + restored + corrected - withdrawn - removed"


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def ledger(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Show what happened month by month, and day by day of late."""
    version = newest_version(slug)
    days = ledger_of(version.petition)
    months = by_month(days)
    shown = days[: -DAYS_SHOWN - 1 : -1]
    reasons = sum((day.reasons for day in days), start=months[0].reasons.__class__()) if days else {}
    context = {
        "page": published_page(version, language),
        "as_of": last_closed_day(),
        "count": days[-1].count if days else 0,
        "months": months[::-1],
        "most": max((month.change for month in months), default=0),
        "days": shown,
        "happened": {column: any(getattr(day, column) for day in shown) for column in RARE},
        "is_shortened": len(days) > DAYS_SHOWN,
        "reasons": [(StateReason(code).label, amount) for code, amount in sorted(reasons.items())],
    }
    return render(request, "publishing/ledger.html", context)


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def ledger_json(request: HttpRequest, language: str, slug: str) -> JsonResponse:
    """Return every closed day on which something happened, with the count at its end."""
    version = newest_version(slug)
    response = JsonResponse(
        {
            "slug": version.petition.slug,
            "as_of": last_closed_day().isoformat(),
            "time_zone": "UTC",
            "formula": FORMULA,
            "days": [as_data(day) for day in ledger_of(version.petition)],
        }
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
