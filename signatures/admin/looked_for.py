"""What is recorded of a look at the list of signatures: how it was searched and narrowed down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.admin.views.main import SEARCH_VAR
from django.http import HttpRequest

from signatures.admin.group_filters import SINCE, UNTIL
from signatures.admin.list_decisions import listed_petition
from signatures.auditing.looks import NamesPage, Search, record_look
from signatures.models import Organiser, Signature
from signatures.models.choices import Language, NameReview, SignatureState, StateReason, Visibility
from signatures.safeguarding.countries import country_names

NUMBER_LENGTH_MAX = 18


def _one_of(codes: Sequence[str]) -> Callable[[str], Any]:
    return lambda typed: typed if typed in codes else None


def _number(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) <= NUMBER_LENGTH_MAX else None


def _country(typed: str) -> str | None:
    return typed if typed in country_names("en") else None


def _day(typed: str) -> str | None:
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        return None


def _minute(typed: str) -> str | None:
    try:
        return datetime.fromisoformat(typed).isoformat(timespec="minutes")
    except ValueError:
        return None


def _that(_typed: str) -> bool:
    return True


# By the name of the filter in the address: the field that is recorded, and how its value becomes a code. Of a mail
# domain and of typed numbers it is only recorded that they were asked for.
RECORDED: dict[str, tuple[str, Callable[[str], Any]]] = {
    "state__exact": ("state", _one_of(SignatureState.values)),
    "visibility__exact": ("visibility", _one_of(Visibility.values)),
    "language__exact": ("language", _one_of(Language.values)),
    "text_version__id__exact": ("text_version", _number),
    "country": ("country", _country),
    "day": ("day", _day),
    SINCE: ("since", _minute),
    UNTIL: ("until", _minute),
    "why": ("state_reason", _one_of(StateReason.values)),
    "names": ("name_review", _one_of(NameReview.values)),
    "like": ("same_domain", _that),
    "rows": ("by_numbers", _that),
    "reasons": ("reasons", _one_of(("waiting", "shown"))),
}


def filters_of(request: HttpRequest) -> dict[str, Any]:
    """Return the filters of the list as fields and codes; what is no code is left out, whatever was typed."""
    found = {}
    for name, (field, coded) in RECORDED.items():
        typed = request.GET.get(name, "")
        code = coded(typed) if typed else None
        if code is not None:
            found[field] = code
    return found


def record_list(organiser: Organiser, request: HttpRequest, rows: Sequence[Signature]) -> None:
    """Record a look at a page of the list: one entry for each petition; that no name was found is a look, too."""
    amounts: dict[int | None, int] = dict(Counter(row.petition_id for row in rows))
    if not amounts:
        listed = _number(listed_petition(request))
        amounts = {listed: 0}
    search = Search.WORDS if request.GET.get(SEARCH_VAR, "").strip() else Search.NONE
    filters = filters_of(request)
    for petition, amount in amounts.items():
        record_look(
            actor=organiser,
            page=NamesPage.LIST,
            petition=petition,
            amount=amount,
            search=search,
            filters=filters,
        )
