"""Filters of the signature list."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from signatures.models import Signature, TextVersion
from signatures.models.choices import Language, Phase, Visibility
from signatures.models.petition import PetitionQuerySet
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


class VisibilityFilter(admin.ChoicesFieldListFilter):
    """Signatures by who may see the name; in Russian "everyone" and "all", which takes the filter off, are one word."""

    def choices(self, changelist: ChangeList) -> Any:
        """Return what Django does, "everyone" in other words."""
        everyone = str(Visibility.PUBLIC.label)
        first, *others = super().choices(changelist)
        yield first
        for choice in others:
            yield {**choice, "display": gettext("Shown to everyone")} if choice["display"] == everyone else choice


class VersionFilter(admin.RelatedFieldListFilter):
    """Signatures by the text that was signed; each petition has a version 1."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the versions, each with its petition."""
        versions = TextVersion.objects.select_related("petition").order_by("-petition", "-number")
        versions = versions.only("number", *(f"petition__title_{code}" for code in Language.values), "petition__slug")
        return [
            (
                str(one.pk),
                gettext("%(petition)s, version %(number)s") % {"petition": one.petition, "number": one.number},
            )
            for one in versions
        ]


class PhaseFilter(admin.SimpleListFilter):
    """Petitions by what they are now, as the list says it: one whose status is open may open later or be over."""

    title = _("status")
    parameter_name = "phase"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return what a petition can be."""
        return list(Phase.choices)

    def queryset(self, request: HttpRequest, queryset: PetitionQuerySet) -> PetitionQuerySet:  # type: ignore[override]
        """Keep the petitions that are what was chosen."""
        phase = Q(phase=self.value())
        return queryset.filter(phase) if self.value() in Phase.values else queryset


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
