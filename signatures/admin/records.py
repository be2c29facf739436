"""Read-only pages for published texts and the audit log."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from signatures.admin.readonly import ReadOnlyAdmin
from signatures.admin.titles import TitledAdmin
from signatures.models import AuditEntry, TextVersion


@admin.register(TextVersion)
class TextVersionAdmin(TitledAdmin, ReadOnlyAdmin):
    """Lists the published texts."""

    list_title = _("Text versions")
    change_title = _("Text version")

    list_display = ("petition", "number", "published_at", "digest")
    list_filter = ("petition",)
    list_select_related = ("petition",)
    ordering = ("-id",)


@admin.register(AuditEntry)
class AuditEntryAdmin(TitledAdmin, ReadOnlyAdmin):
    """Lists the audit log."""

    list_title = _("Audit log")
    change_title = _("Audit entry")

    list_display = ("at", "actor", "action", "petition", "target", "amount", "reason")
    list_filter = ("action", "petition", "actor")
    list_select_related = ("petition", "actor")
    ordering = ("-id",)
