"""Filters that find groups of signatures: of some hours, of one mail domain, of row numbers, of one reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from signatures.admin.filters import FormFilter
from signatures.admin.row_numbers import parse_numbers
from signatures.models import Signature
from signatures.models.choices import StateReason, Visibility
from signatures.models.signature import NOT_COUNTED, REVIEWED, SignatureQuerySet

SINCE, UNTIL = "since", "until"
ROWS_MAX = 1000


class HoursFilter(FormFilter):
    """Filters signatures by when they were confirmed last: from one minute (UTC), until before another."""

    title = _("hours (UTC)")
    parameter_name = SINCE
    input_type = "datetime-local"
    is_handy = False

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        """Take the second parameter, too."""
        self.until = (params.pop(UNTIL, None) or [""])[-1]
        super().__init__(request, params, model, model_admin)

    def expected_parameters(self) -> list[str | None]:
        """Return both parameters."""
        return [SINCE, UNTIL]

    def inputs(self) -> list[tuple[str, Any, str]]:
        """Return the two fields of the form."""
        return [(SINCE, _("from"), self.value() or ""), (UNTIL, _("until before"), self.until)]

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep the signatures of these hours; an instant that is none keeps none."""
        try:
            if self.value():
                queryset = queryset.filter(last_confirmed_at__gte=_instant(self.value() or ""))
            if self.until:
                queryset = queryset.filter(last_confirmed_at__lt=_instant(self.until))
        except ValueError:
            return Signature.objects.none()
        return queryset


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class StateReasonFilter(admin.SimpleListFilter):
    """Filters signatures that do not count by the reason, the trap included."""

    title = _("why it does not count")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return all reasons."""
        return list(StateReason.choices)

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep those held or removed for the chosen reason."""
        if self.value() not in StateReason.values:
            return queryset
        return queryset.filter(state__in=NOT_COUNTED, state_reason=self.value())


class NameReviewFilter(admin.SimpleListFilter):
    """Filters names that everyone may see once an organiser has allowed it: those that wait, those that are hidden."""

    title = _("name before everyone")
    parameter_name = "names"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return what a name can be other than allowed."""
        return [(one.value, one.label) for one in REVIEWED]

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep those whose name is in the chosen state."""
        if self.value() not in {one.value for one in REVIEWED}:
            return queryset
        return queryset.filter(visibility=Visibility.PUBLIC, name_review=self.value())


class AlikeFilter(FormFilter):
    """Filters signatures of the same mail domain as one of them; the address of the page tells its number alone."""

    title = _("same mail domain as signature number")
    parameter_name = "like"
    input_type = "number"
    is_handy = False

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep those like the chosen one; a number that is none keeps none."""
        if not self.value():
            return queryset
        like = Signature.objects.filter(pk__in=_numbers(self.value())[:1]).only("petition_id", "domain_key").first()
        return queryset.alike(like) if like is not None else Signature.objects.none()


class RowsFilter(FormFilter):
    """Filters signatures by their numbers."""

    title = _("numbers, such as 7, 12-20")
    parameter_name = "rows"
    input_type = "text"
    is_handy = False

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep these numbers, at most a thousand."""
        return queryset.filter(pk__in=_numbers(self.value())) if self.value() else queryset


def _numbers(typed: str | None) -> list[int]:
    """Return the first thousand numbers in a list; none of what is no list."""
    try:
        return parse_numbers(typed or "")[:ROWS_MAX]
    except ValidationError:
        return []


def goes_by_hours(changes: ChangeList | HttpRequest) -> bool:
    """Return whether a list is narrowed to some hours, and therefore sorted by them."""
    chosen = changes.GET if isinstance(changes, HttpRequest) else changes.params
    return bool(chosen.get(SINCE) or chosen.get(UNTIL))
