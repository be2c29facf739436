"""The ledger as a page and as JSON, from which anyone can recompute the count."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from signatures.counting.figures import OTHERS, published_cells
from signatures.counting.ledger import Period, as_data, by_month, ledger_of
from signatures.models.choices import StateReason
from signatures.publishing.api import API_VERSION, for_other_sites
from signatures.safeguarding.public_guards import reading_only
from signatures.texts.petition_page import published_page
from signatures.texts.shown_version import version_to_show

DAYS_SHOWN = 60
# Columns that are mostly empty, and would push others out of a narrow screen.
RARE = ("paper", "imported", "restored", "corrected", "untold")
FORMULA = "count = confirmed + paper + imported + restored + corrected + untold - withdrawn - removed"


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def ledger(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Show how the published count came about, by month, and by day for the recent past."""
    version = version_to_show(slug, language)
    days = ledger_of(version.petition)
    months = by_month(days)
    shown = days[: -DAYS_SHOWN - 1 : -1]
    last = days[-1] if days else None
    context = {
        "page": published_page(version, language),
        "as_of": last.made_at if last is not None else None,
        "count": (last.count or None) if last is not None else None,
        "months": months[::-1],
        "most": max((month.change for month in months), default=0),
        "days": shown,
        "forms_are_told": version.rules.forms_are_told,
        "happened": {column: any(day.amounts[column] for day in shown) for column in RARE},
        "is_shortened": len(days) > DAYS_SHOWN,
        "reasons": [
            (_("Other reasons") if code == OTHERS else StateReason(code).label, amount)
            for code, amount in _reasons(last).items()
        ],
    }
    return render(request, "publishing/ledger.html", context)


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def ledger_json(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Return every day on which numbers were published, with the count at the end of the day."""
    version = version_to_show(slug, language)
    petition, rules = version.petition, version.rules
    days = ledger_of(petition)
    last = days[-1] if days else None
    data = {
        "api_version": API_VERSION,
        "slug": petition.slug,
        "as_of": last.made_at.isoformat().replace("+00:00", "Z") if last is not None else None,
        "time_zone": "UTC",
        "formula": FORMULA,
        "removed_by_reason": _reasons(last),
        "days": [as_data(day, forms_are_told=rules.forms_are_told) for day in days],
    }
    return for_other_sites(JsonResponse(data))


def _reasons(last: Period | None) -> dict[str, int]:
    return published_cells(last.figures.reasons) if last is not None else {}
