"""The signature list: read-only except for decisions, with every view of it recorded."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from signatures import auditing
from signatures.admin import decision_pages
from signatures.admin.access import acting_organiser
from signatures.admin.filters import CountryFilter, DayFilter, ReasonFilter, VersionFilter, VisibilityFilter
from signatures.admin.list_decisions import decide_on_selected, rule_link
from signatures.admin.readonly import ReadOnlyAdmin
from signatures.admin.titles import TitledAdmin
from signatures.models import Signature
from signatures.models.choices import AuditAction
from signatures.safeguarding.countries import country_names
from signatures.safeguarding.names import clean_text

NO_NAME = "—"
# The lookups that filters use. Django would allow lookups on any column, including the keys of addresses.
LOOKUPS = {
    "petition__id__exact",
    "state__exact",
    "visibility__exact",
    "language__exact",
    "text_version__id__exact",
    "country",
    "day",
    "reasons",
}


@admin.register(Signature)
class SignatureAdmin(TitledAdmin, ReadOnlyAdmin):
    """Confirmed, held and removed signatures of all petitions; no e-mail address, since none is stored."""

    list_title = _("Signatures")
    change_title = _("Signature")

    list_display = (
        "id",
        "shown_name",
        "country_name",
        "visibility",
        "state",
        "language",
        "signed_on",
        "text_version",
        "petition",
    )
    list_display_links = ("id", "shown_name")
    list_filter = (
        "petition",
        "state",
        ("visibility", VisibilityFilter),
        "language",
        CountryFilter,
        DayFilter,
        ReasonFilter,
        ("text_version", VersionFilter),
    )
    list_select_related = ("petition", "text_version")
    actions = (decide_on_selected,)
    ordering = ("-id",)
    sortable_by = ()
    # Django shows the search box only if this is set; get_search_results does the search.
    search_fields = ("name",)
    search_help_text = _(
        "Names that have words beginning with these, at most 400: the more you type, the fewer are left. Accents,"
        " hyphens and apostrophes make no difference."
    )
    fields = (
        "petition",
        "shown_name",
        "city",
        "country_name",
        "visibility",
        "state",
        "state_reason",
        "reason",
        "reason_approved",
        "language",
        "text_version",
        "source",
        "signed_on",
        "first_confirmed_at",
        "current_since",
    )
    readonly_fields = fields

    @admin.display(description=_("name"))
    def shown_name(self, signature: Signature) -> str:
        """Return the name, or a dash if none is stored."""
        return signature.name or NO_NAME

    @admin.display(description=_("country"))
    def country_name(self, signature: Signature) -> str:
        """Return the country in the organiser's language."""
        return country_names((get_language() or "en")[:2]).get(signature.country, signature.country)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Return whether the organiser may decide on signatures; asked for each action of the list."""
        return request.user.has_perm(f"signatures.{decision_pages.PERMISSION}")

    def get_urls(self) -> list[URLPattern]:
        """Add the URL for decisions."""
        wrap = self.admin_site.admin_view
        return [path("<int:pk>/decide/", wrap(decision_pages.decide), name="signature_decide"), *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Add the reasons when filtering by them."""
        columns = self.list_display
        return (*columns[:2], "reason", *columns[2:]) if ReasonFilter.parameter_name in request.GET else columns

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow only the lookups of the filters, and none typed into the URL."""
        return lookup in LOOKUPS

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search by the index on words of names; the search text is cleaned like a name."""
        typed = clean_text(search_term)
        return (queryset.search_names(typed) if typed else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, and record how many names were viewed."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            if self.has_moderate_permission(request):
                response.context_data["rule_link"] = rule_link(request)
            self._record(request, amount=len(response.context_data["cl"].result_list))
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one signature, and record that it was viewed."""
        response = super().change_view(request, object_id, form_url, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            signature = response.context_data["original"]
            response.context_data |= decision_pages.decision_context(signature)
            self._record(request, amount=1, target=signature.pk)
        return response

    @staticmethod
    def _record(request: HttpRequest, *, amount: int, target: int | None = None) -> None:
        auditing.record(actor=acting_organiser(request), action=AuditAction.NAMES_VIEWED, amount=amount, target=target)
