"""Leads from the signature list to a decision on many: those that are ticked, or all that the filters match."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.access import acting_organiser
from signatures.admin.group_filters import SINCE, UNTIL
from signatures.models.choices import Visibility
from signatures.models.rights import petitions_where
from signatures.models.signature import SignatureQuerySet

PETITION = "petition__id__exact"
# What the list calls the conditions of a rule.
CONDITIONS = {
    "state__exact": "state",
    "visibility__exact": "visibility",
    "language__exact": "language",
    "text_version__id__exact": "text_version",
    "country": "country",
    "q": "name",
    "why": "state_reason",
    "names": "name_review",
    "like": "like",
    "rows": "ids",
    SINCE: "since",
    UNTIL: "until",
}
DAY = "day"
# Where in the list one is makes no difference.
IGNORED = {PETITION, DAY, "p", "o", "all", "e"}
SELECTED_MAX = 1000
NUMBER_LENGTH_MAX = 19


@admin.action(description=_("Decide on the selected signatures"), permissions=["moderate"])
def decide_on_selected(
    model_admin: Any, request: HttpRequest, queryset: SignatureQuerySet
) -> HttpResponseRedirect | None:
    """Lead to a rule about the signatures that were ticked."""
    across = rule_link(request, listed_petition(request)) if request.POST.get("select_across") == "1" else None
    if across is not None:
        return HttpResponseRedirect(across)
    found = list(queryset.order_by().values_list("petition_id", "pk")[: SELECTED_MAX + 1])
    petitions = {petition for petition, _ in found}
    if len(petitions) > 1:
        messages.error(request, gettext("Choose signatures of one petition."))
        return None
    if not found or len(found) > SELECTED_MAX:
        messages.error(request, gettext("Choose a petition and filters first, then decide on all that match."))
        return None
    numbers = ",".join(str(pk) for pk in sorted(pk for _, pk in found))
    return HttpResponseRedirect(f"{reverse('admin:petition_rule', args=[*petitions])}?{urlencode({'ids': numbers})}")


def rule_link(request: HttpRequest, petition: str) -> str | None:
    """Return the address of a rule with the filters of the list, or None where a rule cannot say the same.

    :param petition: the number of the petition whose signatures are listed, or "" if there are several
    """
    given = {name: str(value) for name, value in request.GET.items() if value}
    if not petition or not given.keys() <= CONDITIONS.keys() | IGNORED:
        return None
    conditions = {CONDITIONS[name]: value for name, value in given.items() if name in CONDITIONS}
    if "name_review" in conditions:
        conditions["visibility"] = Visibility.PUBLIC.value
    if DAY in given:
        try:
            day = date.fromisoformat(given[DAY])
            conditions |= {"since": f"{day}T00:00", "until": f"{day + timedelta(days=1)}T00:00"}
        except (ValueError, OverflowError):
            return None
    return f"{reverse('admin:petition_rule', args=[petition])}?{urlencode(conditions)}"


def listed_petition(request: HttpRequest) -> str:
    """Return the number of the petition whose signatures are listed, if this organiser decides on them, or ""."""
    petitions = petitions_where(acting_organiser(request), "moderate_signatures")
    chosen = request.GET.get(PETITION)
    if chosen:
        # The digits of any script are a number.
        is_number = chosen.isdecimal() and len(chosen) < NUMBER_LENGTH_MAX
        return str(int(chosen)) if is_number and petitions.filter(pk=int(chosen)).exists() else ""
    found = list(petitions.values_list("pk", flat=True)[:2])
    return str(found[0]) if len(found) == 1 else ""
