"""The audit log at the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin import log_pages
from signatures.admin.access import acting_organiser
from signatures.admin.log_facts import facts_of, told_reason
from signatures.admin.log_filters import (
    FROM,
    TO,
    AboutFilter,
    ActionFilter,
    ActorFilter,
    DaysFilter,
    GroupFilter,
    PetitionFilter,
)
from signatures.admin.log_subjects import PERMISSION, parse_about
from signatures.admin.log_words import LogWords
from signatures.admin.of_petition import OfPetition
from signatures.admin.readonly import ReadOnlyAdmin
from signatures.admin.titles import TitledAdmin
from signatures.auditing.sealing import SEALED_AT_ONCE, seal_entries
from signatures.models import AuditEntry, AuditSeal, Organiser
from signatures.models.rights import has_in_the_site

# Where the rows of a page keep what was read of the things that they are about.
WORDS = "_words"
FILTERS = {"kind", "action", "action__exact", "petition__id__exact", "actor__id__exact", FROM, TO, "about"}


class LogList(ChangeList):
    """The list, with what its rows are about read at once."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the rows of this page, and what they are about."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        _put_in_words(self.result_list, acting_organiser(request))


def _put_in_words(entries: list[AuditEntry], reader: Organiser) -> None:
    words = LogWords(entries, reader)
    for entry in entries:
        entry.__dict__[WORDS] = words


def _words(entry: AuditEntry) -> LogWords:
    words: LogWords = entry.__dict__[WORDS]
    return words


@admin.register(AuditEntry)
class AuditEntryAdmin(OfPetition, TitledAdmin, ReadOnlyAdmin):
    """Lists the audit log: all of it, or that of the petitions that an auditor has a role in."""

    list_title = _("Audit log")
    change_title = _("Audit entry")

    list_display = ("at", "who", "done", "of_petition", "told")
    list_display_links = ("at",)
    fields = ("at", "who", "action", "about", "of_petition", "amount", "why", "facts", "place")
    readonly_fields = ("who", "about", "of_petition", "why", "facts", "place")
    list_filter = (AboutFilter, GroupFilter, ActionFilter, ActorFilter, PetitionFilter, DaysFilter)
    list_select_related = ()
    sortable_by = ()
    ordering = ("-id",)

    @admin.display(description=_("who"))
    def who(self, entry: AuditEntry) -> str:
        """Return who did it."""
        return _words(entry).actor(entry)

    @admin.display(description=_("about"))
    def about(self, entry: AuditEntry) -> str:
        """Return what it is about."""
        return _words(entry).about(entry)

    @admin.display(description=_("what"))
    def done(self, entry: AuditEntry) -> str:
        """Return what was done, and below it with what."""
        about = _words(entry).about(entry)
        return format_html("{}<div>{}</div>", entry.get_action_display(), about) if about else str(entry)

    @admin.display(description=_("details"))
    def told(self, entry: AuditEntry) -> str:
        """Return how many rows, why, and the details."""
        first = {
            gettext("Rows"): "" if entry.amount is None else number_format(entry.amount, force_grouping=True),
            gettext("Why"): told_reason(entry),
        }
        facts = [*((label, value) for label, value in first.items() if value), *facts_of(entry, _words(entry))]
        return format_html_join("", "<div>{}: {}</div>", facts)

    @admin.display(description=_("petition"))
    def of_petition(self, entry: AuditEntry) -> str:
        """Return the petition."""
        return _words(entry).petition(entry)

    @admin.display(description=_("why"))
    def why(self, entry: AuditEntry) -> str:
        """Return the reason, in words where it is a code."""
        return told_reason(entry)

    @admin.display(description=_("details"))
    def facts(self, entry: AuditEntry) -> str:
        """Return the details, one on each line."""
        return format_html_join("", "<div>{}: {}</div>", facts_of(entry, _words(entry)))

    @admin.display(description=_("place in the chain"))
    def place(self, entry: AuditEntry) -> str:
        """Return the number and digest of the seal."""
        seal = AuditSeal.objects.filter(entry=entry).first()
        if seal is None:
            return gettext("Not sealed yet")
        return format_html('{} <code translate="no" class="digest">{}</code>', seal.number, seal.digest)

    def get_urls(self) -> list[URLPattern]:
        """Add the export and the check."""
        wrap = self.admin_site.admin_view
        return [
            path("export/", wrap(log_pages.export_log), name="audit_export"),
            path("check/", wrap(log_pages.check), name="audit_check"),
            *super().get_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that says in words what its rows are about."""
        return LogList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow only the lookups of the filters."""
        return lookup in FILTERS

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return an entry, with what it is about read."""
        entry = super().get_object(request, object_id, from_field)
        _put_in_words([entry], acting_organiser(request))
        return entry

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list once what it shows is sealed."""
        self._seal(request)
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            reader = acting_organiser(request)
            response.context_data["reads_all"] = has_in_the_site(reader, PERMISSION)
            rows = response.context_data["cl"].result_list
            about = parse_about(request.GET.get("about", ""))
            # Who reads that of some petitions is told the names of nothing else.
            if about and (rows or response.context_data["reads_all"]):
                response.context_data["about"] = LogWords([], reader, [about]).named(*about, None)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an entry once it is sealed."""
        self._seal(request)
        return super().change_view(request, object_id, form_url, extra_context)

    def _seal(self, request: HttpRequest) -> None:
        """Seal what waits, for whoever may read it."""
        if request.method != "POST" and self.has_view_permission(request):
            seal_entries(at_most=SEALED_AT_ONCE)
