"""Filters for the lists of signatures and petitions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.of_petition import rows_where
from signatures.admin.signature_words import STATE_WORDS, VISIBILITY_WORDS
from signatures.models import Signature, TextVersion
from signatures.models.choices import Language, Phase, SignatureState, Visibility
from signatures.models.petition import PetitionQuerySet
from signatures.models.signature import SignatureQuerySet
from signatures.safeguarding.countries import country_names

ARCHIVED = "ARCHIVED"


class FormFilter(admin.SimpleListFilter):
    """A filter with a small form instead of a list of links."""

    template = "admin/filter_form.html"
    input_type = ""
    # Whether it is shown unfolded where nothing is chosen.
    is_handy = True

    @property
    def is_unfolded(self) -> bool:
        """Return whether its form is shown without a press."""
        return self.is_handy or any(value for _name, _label, value in self.inputs())

    def inputs(self) -> list[tuple[str, Any, str]]:
        """Return name, label and value of each field."""
        return [(self.parameter_name or "", self.title, self.value() or "")]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return a single choice, since Django hides a filter without any."""
        return [("", "")]

    def choices(self, changelist: ChangeList) -> Any:
        """Return the form's context: its field, and the other query parameters."""
        others, inputs = changelist.get_filters_params(), self.inputs()
        own = [name for name, _label, _value in inputs]
        return [
            {
                "input_type": self.input_type,
                "inputs": inputs,
                "is_chosen": any(value for _name, _label, value in inputs),
                "options": self.lookup_choices if self.input_type == "select" else [],
                "others": [(name, value) for name, values in others.items() if name not in own for value in values],
                "query": changelist.query,
                "clear": changelist.get_query_string(remove=own),
            }
        ]


class VisibilityFilter(admin.ChoicesFieldListFilter):
    """Filters signatures by visibility; reworded, since in Russian "everyone" and the reset link "all" are one word."""

    def choices(self, changelist: ChangeList) -> Any:
        """Return Django's choices in short words, with "everyone" reworded."""
        words = {str(choice.label): str(VISIBILITY_WORDS[choice]) for choice in Visibility}
        words[str(Visibility.PUBLIC.label)] = gettext("Shown to everyone")
        first, *others = super().choices(changelist)
        yield first
        for choice in others:
            yield {**choice, "display": words.get(str(choice["display"]), choice["display"])}


class StateFilter(admin.ChoicesFieldListFilter):
    """Filters signatures by state, in the words of the list."""

    def choices(self, changelist: ChangeList) -> Any:
        """Return Django's choices in short words."""
        words = {str(choice.label): str(STATE_WORDS[choice]) for choice in SignatureState}
        for choice in super().choices(changelist):
            yield {**choice, "display": words.get(str(choice["display"]), choice["display"])}


class VersionFilter(admin.RelatedFieldListFilter):
    """Filters signatures by text version; labels include the petition, since each has a version 1."""

    several_of_one_petition = False

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the versions, each labelled with its petition; those of one petition if the list is of one alone."""
        versions = TextVersion.objects.select_related("petition").order_by("-petition", "-number")
        versions = versions.only("number", *(f"petition__title_{code}" for code in Language.values), "petition__slug")
        versions = rows_where(versions, request, "view_signature")
        chosen = request.GET.get("petition__id__exact", "")
        if chosen.isascii() and chosen.isdigit():
            versions = versions.filter(petition_id=chosen)
        self.several_of_one_petition = any(one.number > 1 for one in versions)
        return [
            (
                str(one.pk),
                gettext("%(petition)s, version %(number)s") % {"petition": one.petition, "number": one.number},
            )
            for one in versions
        ]


class PhaseFilter(admin.SimpleListFilter):
    """Filters petitions by current phase, as listed: one whose status is open may still open later or be over."""

    title = _("status")
    parameter_name = "phase"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return all phases, and what is archived."""
        return [*Phase.choices, (ARCHIVED, _("Archived"))]

    def queryset(self, request: HttpRequest, queryset: PetitionQuerySet) -> PetitionQuerySet:  # type: ignore[override]
        """Keep the petitions in the chosen phase; archived ones only if they are asked for."""
        if self.value() == ARCHIVED:
            return queryset.filter(archived_at__isnull=False)
        listed, phase = queryset.filter(archived_at__isnull=True), Q(phase=self.value())
        return listed.filter(phase) if self.value() in Phase.values else listed


class CountryFilter(FormFilter):
    """Filters signatures by country."""

    title = _("country")
    parameter_name = "country"
    input_type = "select"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all countries in the organiser's language."""
        return list(country_names((get_language() or "en")[:2]).items())

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep the signatures from the chosen country."""
        return queryset.filter(country=self.value()) if self.value() else queryset


class DayFilter(FormFilter):
    """Filters signatures by UTC day."""

    title = _("day (UTC)")
    parameter_name = "day"
    input_type = "date"

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep the signatures of the chosen day; an invalid day keeps none."""
        if not self.value():
            return queryset
        try:
            return queryset.filter(signed_on=date.fromisoformat(self.value() or ""))
        except ValueError:
            return Signature.objects.none()


class ReasonFilter(admin.SimpleListFilter):
    """Filters signatures with a reason for signing: not reviewed yet, or shown."""

    title = _("reason for signing")
    parameter_name = "reasons"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the two choices."""
        return [("waiting", gettext("Waits to be read")), ("shown", gettext("Shown on the site"))]

    def queryset(self, request: HttpRequest, queryset: SignatureQuerySet) -> SignatureQuerySet:  # type: ignore[override]
        """Keep the signatures of the chosen kind."""
        if self.value() not in {"waiting", "shown"}:
            return queryset
        return queryset.with_reason(approved=self.value() == "shown")
