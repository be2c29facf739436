"""Read-only pages for published texts."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from signatures.admin.of_petition import OfPetition, PetitionFilter
from signatures.admin.readonly import ReadOnlyAdmin, in_words
from signatures.admin.titles import TitledAdmin
from signatures.models import TextVersion


@admin.register(TextVersion)
class TextVersionAdmin(OfPetition, TitledAdmin, ReadOnlyAdmin):
    """Lists the published texts."""

    list_title = _("Text versions")
    change_title = _("Text version")

    list_display = ("petition", "number", "published_at", "digest")
    exclude = ("asks_city",)
    readonly_fields = ("city_is_asked",)
    list_filter = (("petition", PetitionFilter),)
    list_select_related = ("petition",)
    ordering = ("-id",)

    @admin.display(description=_("ask for the city"))
    def city_is_asked(self, version: TextVersion) -> str:
        """Return in words whether the form asked for the city."""
        return in_words(version.asks_city)
