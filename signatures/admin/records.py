"""What was published and who did what, to look at."""

from __future__ import annotations

from django.contrib import admin

from signatures.admin.readonly import ReadOnlyAdmin
from signatures.models import AuditEntry, TextVersion


@admin.register(TextVersion)
class TextVersionAdmin(ReadOnlyAdmin):
    """The published texts."""

    list_display = ("petition", "number", "published_at", "digest")
    list_filter = ("petition",)
    list_select_related = ("petition",)
    ordering = ("-id",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit log."""

    list_display = ("at", "actor", "action", "petition", "target", "amount", "reason")
    list_filter = ("action", "petition", "actor")
    list_select_related = ("petition", "actor")
    ordering = ("-id",)
