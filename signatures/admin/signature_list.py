"""The signature list: read-only except for decisions, with every view of it recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from signatures.admin import decision_pages, erase_page
from signatures.admin.access import Rights, acting_organiser
from signatures.admin.filters import (
    CountryFilter,
    DayFilter,
    ReasonFilter,
    StateFilter,
    VersionFilter,
    VisibilityFilter,
)
from signatures.admin.group_filters import (
    SINCE,
    UNTIL,
    AlikeFilter,
    HoursFilter,
    NameReviewFilter,
    RowsFilter,
    StateReasonFilter,
    goes_by_hours,
)
from signatures.admin.list_decisions import PETITION, decide_on_selected, listed_petition, rule_link
from signatures.admin.looked_for import record_list
from signatures.admin.of_petition import OfPetition, PetitionFilter
from signatures.admin.readonly import ReadOnlyAdmin
from signatures.admin.shown_rows import ShownRows, kept_filters, next_in_list, with_filters
from signatures.admin.signature_facts import change_path, nothing_found, signature_context
from signatures.admin.signature_words import country_word, state_word, visibility_word
from signatures.admin.titles import TitledAdmin
from signatures.auditing.looks import NamesPage, record_look
from signatures.models import Signature
from signatures.models.choices import NameReview, Visibility
from signatures.models.rights import numbers_where
from signatures.models.signature import NEWEST_OF_PETITION
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
    SINCE,
    UNTIL,
    "why",
    "names",
    "like",
    "rows",
    "reasons",
}


# What finds few rows, whatever the petition.
NARROW = {PETITION, "q", "like", "rows"}


@admin.register(Signature)
class SignatureAdmin(OfPetition, TitledAdmin, ReadOnlyAdmin):
    """Confirmed, held and removed signatures of all petitions; no e-mail address, since none is stored."""

    list_title = _("Signatures")
    change_title = _("Signature")

    # Those that say nothing of the rows of a page are left out.
    list_display = (
        "row_number",
        "shown_name",
        "reason",
        "country_name",
        "city",
        "seen_by",
        "state_now",
        "why",
        "name_word",
        "confirmed_at",
        "language",
        "version",
        "source",
        "petition",
    )
    empty_value_display = ""
    list_display_links = ("row_number", "shown_name")
    list_filter = (
        ("petition", PetitionFilter),
        ("state", StateFilter),
        StateReasonFilter,
        ("visibility", VisibilityFilter),
        NameReviewFilter,
        HoursFilter,
        DayFilter,
        CountryFilter,
        "language",
        AlikeFilter,
        RowsFilter,
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
        "Type the start of a first or last name. At most 400 names are shown. Accents, hyphens and apostrophes make no"
        " difference."
    )
    fields = ("id",)
    readonly_fields = fields

    @admin.display(description=_("Row"))
    def row_number(self, signature: Signature) -> str:
        """Return the number as filters and rules take it: without separators of thousands."""
        return str(signature.pk)

    @admin.display(description=_("name"))
    def shown_name(self, signature: Signature) -> str:
        """Return the name, or a dash if none is stored."""
        return signature.name or NO_NAME

    @admin.display(description=_("country"))
    def country_name(self, signature: Signature) -> str:
        """Return the country in the organiser's language."""
        return country_word(signature)

    @admin.display(description=_("who sees the name"))
    def seen_by(self, signature: Signature) -> str:
        """Return the visibility in a word."""
        return visibility_word(signature)

    @admin.display(description=_("state"))
    def state_now(self, signature: Signature) -> str:
        """Return the state in a word."""
        return state_word(signature)

    @admin.display(description=_("why"))
    def why(self, signature: Signature) -> str | None:
        """Return why it does not count, or nothing."""
        return signature.get_state_reason_display() if signature.state_reason else None

    @admin.display(description=_("name before everyone"))
    def name_word(self, signature: Signature) -> str | None:
        """Return that a name waits or is hidden, or nothing."""
        is_shown = signature.visibility != Visibility.PUBLIC or signature.name_review == NameReview.OK
        return None if is_shown else signature.get_name_review_display()

    @admin.display(description=_("confirmed (UTC)"))
    def confirmed_at(self, signature: Signature) -> datetime:
        """Return when it was confirmed last."""
        return signature.last_confirmed_at

    @admin.display(description=_("text version"))
    def version(self, signature: Signature) -> int:
        """Return the number of the text version, without its petition."""
        return signature.text_version.number

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Return whether the organiser may decide on signatures; asked for each action of the list."""
        return request.user.has_perm(f"signatures.{decision_pages.PERMISSION}")

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs for decisions and for erasing."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/decide/", wrap(decision_pages.decide), name="signature_decide"),
            path("<int:pk>/erase/", wrap(erase_page.erase), name="signature_erase"),
            *super().get_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that leaves out columns that say nothing."""
        return ShownRows

    def get_ordering(self, request: HttpRequest) -> tuple[str | OrderBy, ...]:
        """Return the newest first, in whichever order few rows are read: of hours, of one petition, or of all."""
        if goes_by_hours(request):
            return ("-last_confirmed_at", "-id")
        if PETITION in request.GET or numbers_where(acting_organiser(request), "view_signature") is not None:
            return (NEWEST_OF_PETITION,)
        return self.ordering

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow only the lookups of the filters, and none typed into the URL."""
        return lookup in LOOKUPS

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search by the index on words of names; the search text is cleaned like a name."""
        typed = clean_text(search_term)
        return (queryset.search_names(typed) if typed else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, and record how many names were viewed."""
        one = self._one_of_several(request)
        if one is not None:
            chosen = request.GET.copy()
            chosen[PETITION] = str(one)
            return HttpResponseRedirect(f"{request.path}?{chosen.urlencode()}")
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            changes = response.context_data["cl"]
            if not changes.result_list:
                response.context_data["nothing"] = nothing_found(changes)
            response.context_data |= decision_pages.told_context(request, request.GET.urlencode())
            record_list(acting_organiser(request), request, changes.result_list)
            if self.has_moderate_permission(request):
                petition = listed_petition(request)
                response.context_data["listed_petition"] = petition
                response.context_data["rule_link"] = rule_link(request, petition)
        return response

    @staticmethod
    def _one_of_several(request: HttpRequest) -> int | None:
        """Return the petition whose list is shown to somebody with several petitions, but not all, who chose none.

        The newest of all petitions, and of one, are found by an index; those of some petitions among millions are not.
        """
        if request.method == "POST" or NARROW & request.GET.keys():
            return None
        numbers = numbers_where(acting_organiser(request), "view_signature")
        return max(numbers) if numbers and len(numbers) > 1 else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one signature, and record that it was viewed."""
        response = super().change_view(request, object_id, form_url, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            signature = response.context_data["original"]
            filters = kept_filters(request)
            response.context_data |= signature_context(signature, filters)
            response.context_data["rights"] = Rights(acting_organiser(request), signature.petition_id)
            response.context_data |= decision_pages.decision_context(signature, filters)
            response.context_data |= decision_pages.told_context(request, filters)
            after = next_in_list(self, request, signature)
            if after is not None:
                response.context_data["next_url"] = with_filters(change_path(after), filters)
            record_look(
                actor=acting_organiser(request),
                page=NamesPage.SIGNATURE,
                petition=signature.petition,
                amount=1,
                target=signature.pk,
            )
        return response
