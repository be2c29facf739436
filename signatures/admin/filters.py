"""Filters of the signature list."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from signatures.models import Signature
from signatures.models.signature import SignatureQuerySet
from signatures.safeguarding.countries import country_names


class FormFilter(admin.SimpleListFilter):
    """A filter with a small form in place of a list of links."""

    template = "admin/filter_form.html"
    input_type = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return one choice, since a filter without any is not shown."""
        return [("", "")]

    def choices(self, changelist: ChangeList) -> Any:
        """Return what the form needs: its field, and the rest of the query."""
        others = changelist.get_filters_params()
        return [
            {
                "input_type": self.input_type,
                "parameter": self.parameter_name,
                "value": self.value() or "",
                "options": self.lookup_choices if self.input_type == "select" else [],
                "others": [
                    (name, value) for name, values in others.items() if name != self.parameter_name for value in values
                ],
                "query": changelist.query,
                "clear": changelist.get_query_string(remove=[self.parameter_name or ""]),
            }
        ]


class CountryFilter(FormFilter):
    """Signatures from one country."""

    title = _("country")
    parameter_name = "country"
    input_type = "select"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all countries in the organiser's language."""
        return list(country_names((get_language() or "en")[:2]).items())

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep the signatures from the country chosen."""
        return queryset.filter(country=self.value()) if self.value() else queryset


class DayFilter(FormFilter):
    """Signatures of one UTC day."""

    title = _("day (UTC)")
    parameter_name = "day"
    input_type = "date"

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep the signatures of the day chosen; something that is no day keeps none."""
        if not self.value():
            return queryset
        try:
            return queryset.filter(signed_on=date.fromisoformat(self.value() or ""))
        except ValueError:
            return Signature.objects.none()


class ReasonFilter(admin.SimpleListFilter):
    """Signatures whose signers gave a reason: those that wait to be read, or those that are shown."""

    title = _("reason for signing")
    parameter_name = "reasons"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the two kinds."""
        return [("waiting", gettext("Waits to be read")), ("shown", gettext("Shown on the site"))]

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep the signatures of the kind chosen."""
        if self.value() not in {"waiting", "shown"}:
            return queryset
        return queryset.with_reason(approved=self.value() == "shown")
