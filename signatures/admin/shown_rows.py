"""The rows of the signature list that an organiser has narrowed down: their columns, and the way back to them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from signatures.admin.filters import VersionFilter
from signatures.admin.group_filters import goes_by_hours
from signatures.models import Signature
from signatures.models.choices import NameReview, Source, Visibility

if TYPE_CHECKING:
    from signatures.admin.signature_list import SignatureAdmin

KEPT = "_changelist_filters"
NUL = "\0"


class ShownRows(ChangeList):
    """The list, without the columns that would say nothing."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the rows of this page, and take away the columns that say nothing of them."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        silent = {name for name, speaks in self._columns(self.result_list).items() if not speaks}
        self.list_display = [name for name in self.list_display if name not in silent]
        self.list_display_links = [name for name in self.list_display_links if name not in silent]

    def _columns(self, rows: list[Signature]) -> dict[str, bool]:
        """Return of each column that may be missing whether it says something here."""
        specs = {getattr(spec, "field_path", ""): spec for spec in self.filter_specs}
        versions = specs.get("text_version")
        several = isinstance(versions, VersionFilter) and versions.several_of_one_petition
        return {
            "shown_name": any(row.name for row in rows),
            "city": any(row.city for row in rows),
            "why": any(row.state_reason for row in rows),
            "reason": "reasons" in self.params,
            "name_word": any(row.visibility == Visibility.PUBLIC and row.name_review != NameReview.OK for row in rows),
            "source": any(row.source != Source.WEB for row in rows),
            "language": len({row.language for row in rows}) > 1,
            # Of the whole list, since what stands on the next page is not known.
            "petition": "petition" in specs and "petition__id__exact" not in self.params,
            "version": several and "text_version__id__exact" not in self.params,
        }


class RowsWithoutPage(ChangeList):
    """What the filters keep, without reading it."""

    def get_results(self, request: HttpRequest) -> None:
        """Read nothing."""


def kept_filters(request: HttpRequest) -> str:
    """Return the query of the list that an organiser came from, which its own pages keep in theirs."""
    kept = QueryDict(request.GET.get(KEPT, ""))
    # The database cannot represent NUL.
    return "" if any(NUL in value for _name, values in kept.lists() for value in values) else kept.urlencode()


def with_filters(path: str, filters: str) -> str:
    """Return the path of a page about one signature that keeps the query of the list."""
    return f"{path}?{urlencode({KEPT: filters})}" if filters else path


def list_path(filters: str) -> str:
    """Return the path of the list as an organiser has left it."""
    path = reverse("admin:signatures_signature_changelist")
    return f"{path}?{filters}" if filters else path


def next_in_list(desk: SignatureAdmin, request: HttpRequest, signature: Signature) -> int | None:
    """Return the number of the signature after this one in the list that the organiser came from, or None."""
    came = copy.copy(request)
    chosen = QueryDict(kept_filters(request), mutable=True)
    chosen.pop(PAGE_VAR, None)
    came.GET = chosen  # type: ignore[assignment]
    if any(not desk.lookup_allowed(name, "", request) for name in chosen if name != SEARCH_VAR):
        return None
    try:
        # The filters ask what there is to choose from, which nobody needs here where nothing is chosen.
        rows: QuerySet[Any] = (
            RowsWithoutPage(*_arguments(desk, came)).queryset
            if chosen
            else desk.get_queryset(came).order_by(*desk.get_ordering(came))
        )
    except (DisallowedModelAdminLookup, IncorrectLookupParameters):
        return None
    at, pk = signature.last_confirmed_at, signature.pk
    if goes_by_hours(came):
        after = Q(last_confirmed_at__lte=at) & ~Q(last_confirmed_at=at, pk__gte=pk)
    else:
        # The same twice, for the index of one petition and for that of all.
        after = Q(pk__lt=pk, age__lt=pk)
    found: int | None = (
        rows.alias(age=F("id") + 0).select_related(None).filter(after).values_list("pk", flat=True).first()
    )
    return found


def _arguments(desk: SignatureAdmin, request: HttpRequest) -> list[Any]:
    return [
        request,
        Signature,
        desk.list_display,
        desk.list_display_links,
        desk.list_filter,
        None,
        desk.search_fields,
        desk.list_select_related,
        desk.list_per_page,
        desk.list_max_show_all,
        (),
        desk,
        desk.sortable_by,
        desk.search_help_text,
    ]
