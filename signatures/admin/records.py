"""Read-only pages for published texts and the audit log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from signatures.admin.filters import FormFilter
from signatures.admin.readonly import ReadOnlyAdmin, in_words
from signatures.admin.titles import TitledAdmin
from signatures.models import AuditEntry, TextVersion
from signatures.models.choices import AuditAction, StateReason


@admin.register(TextVersion)
class TextVersionAdmin(TitledAdmin, ReadOnlyAdmin):
    """Lists the published texts."""

    list_title = _("Text versions")
    change_title = _("Text version")

    list_display = ("petition", "number", "published_at", "digest")
    exclude = ("asks_city",)
    readonly_fields = ("city_is_asked",)
    list_filter = ("petition",)
    list_select_related = ("petition",)
    ordering = ("-id",)

    @admin.display(description=_("ask for the city"))
    def city_is_asked(self, version: TextVersion) -> str:
        """Return in words whether the form asked for the city."""
        return in_words(version.asks_city)


class ActionFilter(FormFilter):
    """Filters the audit log by what was done: more choices than a list of links has room for."""

    title = _("what")
    parameter_name = "action"
    input_type = "select"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all actions in the order of their names."""
        return sorted(((str(code), str(label)) for code, label in AuditAction.choices), key=lambda one: one[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Keep the entries of the chosen action."""
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(TitledAdmin, ReadOnlyAdmin):
    """Lists the audit log."""

    list_title = _("Audit log")
    change_title = _("Audit entry")

    list_display = ("at", "actor", "action", "petition", "target", "amount", "why")
    list_filter = (ActionFilter, "petition", "actor")
    list_select_related = ("petition", "actor")
    ordering = ("-id",)
    fields = ("at", "actor", "action", "petition", "target", "amount", "why", "details")
    readonly_fields = fields

    @admin.display(description=_("why"))
    def why(self, entry: AuditEntry) -> str:
        """Return the reason; the code of one that signatures are held for, in words."""
        is_code = entry.reason in StateReason.values
        return str(StateReason(entry.reason).label) if is_code else entry.reason
