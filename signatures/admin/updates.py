"""The admin of news: languages side by side, published by a checkbox."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from signatures.admin.access import acting_organiser
from signatures.admin.titles import TitledAdmin
from signatures.admin.written_texts import PastedTexts, side_by_side
from signatures.models import Petition, Update
from signatures.publishing.news import save_update


class UpdateForm(PastedTexts, forms.ModelForm[Update]):
    """Asks for a headline and a text in every language, and whether to publish them."""

    parts = ("title", "body")

    is_published = forms.BooleanField(
        label=_("Published"),
        help_text=_("Shown on the petition's page of updates. Without the tick it is a draft that only the desk sees."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Tick the checkbox if published; the petition of an existing item can't be changed."""
        super().__init__(*args, **kwargs)
        self.show_text()
        self.initial["is_published"] = self.instance.published_at is not None
        if "petition" in self.fields:
            self.fields["petition"].disabled = self.instance.pk is not None

    def clean(self) -> dict[str, Any]:
        """Require all languages of the petition for news that is to be published."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        petition: Petition | None = data.get("petition")
        if data.get("is_published") and petition is not None:
            for name in (f"{part}_{language}" for language in petition.languages for part in ("title", "body")):
                if name in self.fields and name not in self.errors and not (data.get(name) or "").strip():
                    self.add_error(
                        name, _("Fill this in before publishing: every language of the petition says the same.")
                    )
        return data


@admin.register(Update)
class UpdateAdmin(TitledAdmin, admin.ModelAdmin[Update]):
    """Lists the news of all campaigns."""

    list_title = _("Updates")
    add_title = _("New update")
    change_title = _("Update")
    added = _("The update “{row}” is added.")
    changed = _("The changes to the update “{row}” are saved.")

    form = UpdateForm
    list_display = ("__str__", "petition", "published_at")
    list_filter = ("petition",)
    list_select_related = ("petition",)
    ordering = ("-id",)

    def get_fieldsets(self, request: HttpRequest, obj: Update | None = None) -> Any:
        """Return the form's sections, with a column for each language of the site."""
        return (
            (None, {"fields": ("petition",)}),
            (_("Text in each language"), {"classes": ("side-by-side",), "fields": side_by_side("title", "body")}),
            (None, {"fields": ("is_published",)}),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Update | None = None) -> bool:
        """Refuse: news is unpublished instead, since the audit log keeps referring to it."""
        return False

    def save_model(self, request: HttpRequest, obj: Update, form: Any, change: bool) -> None:  # noqa: FBT001
        """Store the item, publish or unpublish it, and record which."""
        save_update(
            update=obj,
            is_published=form.cleaned_data["is_published"],
            changed=sorted(set(form.changed_data) - {"is_published"}),
            actor=acting_organiser(request),
        )
