"""Read-only pages for published texts and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from signatures.admin.filters import FormFilter
from signatures.admin.readonly import ReadOnlyAdmin, in_words
from signatures.admin.titles import TitledAdmin
from signatures.models import AuditEntry, TextVersion
from signatures.models.choices import (
    AuditAction,
    ErasureReason,
    ListOrder,
    NameReview,
    Profile,
    Purpose,
    SignatureState,
    StateReason,
    Visibility,
)
from signatures.moderating.purging import RETENTION_REASON

# The codes that entries hold in place of free text, in words. None of two enumerations is the same.
CODES: Mapping[str, Promise | str] = {
    code.value: code.label
    for codes in (StateReason, ErasureReason, SignatureState, NameReview, Visibility, Profile, Purpose, ListOrder)
    for code in codes
} | {RETENTION_REASON: _("The day for erasing has come")}

DETAILS = {
    "attempts": _("not confirmed yet"),
    "bytes": _("size in bytes"),
    "cut_off": _("cut-off (UTC)"),
    "delimiter": _("separator"),
    "delivery": _("hand-over"),
    "differing": _("files that differ"),
    "digest": _("digest"),
    "edition": _("mark of the copy"),
    "encrypted": _("encrypted"),
    "erase_on": _("erase personal data on"),
    "fields": _("fields"),
    "file": _("file"),
    "language": _("language"),
    "mails": _("mails"),
    "manifest": _("digest of the manifest"),
    "names": _("with names"),
    "number": _("number"),
    "recipient": _("recipient"),
    "sha256": _("digest of what was sent"),
}


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
    fields = ("at", "actor", "action", "petition", "target", "amount", "why", "facts")
    readonly_fields = ("why", "facts")
    list_filter = (ActionFilter, "petition", "actor")
    list_select_related = ("petition", "actor")
    ordering = ("-id",)

    @admin.display(description=_("why"))
    def why(self, entry: AuditEntry) -> str:
        """Return the reason, in words where it is a code."""
        return told(entry.reason)

    @admin.display(description=_("details"))
    def facts(self, entry: AuditEntry) -> SafeString:
        """Return the details, one on each line."""
        return format_html_join(
            "", "<div>{}: {}</div>", [(DETAILS.get(name, name), told(one)) for name, one in entry.details.items()]
        )


def told(value: Any) -> str:
    """Return what an entry holds in the organiser's language, if it is a code; else as it stands."""
    if isinstance(value, list):
        return ", ".join(map(told, value))
    if isinstance(value, bool):
        return in_words(value)
    return "" if value is None else str(CODES.get(str(value), value))
