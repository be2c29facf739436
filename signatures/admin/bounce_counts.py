"""The numbers of bounces, for those who run the server."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.readonly import ReadOnlyAdmin
from signatures.admin.titles import TitledAdmin
from signatures.models import BounceCount
from signatures.models.choices import BounceKind


@admin.register(BounceCount)
class BounceCountAdmin(TitledAdmin, ReadOnlyAdmin):
    """Lists bounces by day, large provider and kind."""

    list_title = _("Mails that came back")
    change_title = _("Mails that came back on one day")

    list_display = ("day", "provider_name", "kind", "amount")
    list_filter = ("kind",)
    ordering = ("-day", "provider", "kind")
    fields = ("day", "provider_name", "kind", "amount")
    readonly_fields = ("provider_name",)

    @admin.display(description=_("provider"), ordering="provider")
    def provider_name(self, row: BounceCount) -> str:
        """Return the large provider's domain, a label for all other domains, or a dash if unknown."""
        if row.kind == BounceKind.UNCLEAR:
            return "—"
        return row.provider or gettext("all other domains together")
