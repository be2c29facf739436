"""The admin of news: written in the languages side by side; what readers see is decided on a page of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin import news_page
from signatures.admin.access import acting_organiser
from signatures.admin.of_petition import OfPetition, PetitionFilter
from signatures.admin.titles import TitledAdmin
from signatures.admin.written_texts import PastedTexts, side_by_side
from signatures.models import Petition, Update
from signatures.models.rights import petitions_where
from signatures.models.update import NewsState, UpdateQuerySet
from signatures.publishing.news import save_update
from signatures.texts.outlines import NEWS_OUTLINES

# Name of the button that saves and then leads to the page for publishing.
LOOK = "_look"


class UpdateForm(PastedTexts, forms.ModelForm[Update]):
    """Asks for a headline and a text in every language."""

    parts = ("title", "body")
    outlines = NEWS_OUTLINES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Freeze the petition of an existing item."""
        super().__init__(*args, **kwargs)
        self.show_text()
        if "petition" in self.fields:
            field = self.fields["petition"]
            field.disabled = self.instance.pk is not None
            if isinstance(field.widget, RelatedFieldWidgetWrapper):
                # Nobody adds or changes a petition in passing.
                for right in ("can_add_related", "can_change_related", "can_view_related"):
                    setattr(field.widget, right, False)

    def clean(self) -> dict[str, Any]:
        """Require all languages of the petition for news that readers see, or will see at a time already chosen."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        petition: Petition | None = data.get("petition")
        if self.instance.published_at is not None and petition is not None:
            for name in (f"{part}_{language}" for language in petition.languages for part in self.parts):
                if name in self.fields and name not in self.errors and not (data.get(name) or "").strip():
                    self.add_error(
                        name, _("Fill this in before publishing: every language of the petition says the same.")
                    )
        return data


@admin.register(Update)
class UpdateAdmin(OfPetition, TitledAdmin, admin.ModelAdmin[Update]):
    """Lists the news of all campaigns."""

    list_title = _("Updates")
    add_title = _("New update")
    change_title = _("Update")
    added = _("The update “{row}” is added.")
    changed = _("The changes to the update “{row}” are saved.")

    form = UpdateForm
    list_display = ("__str__", "petition", "state_now")
    list_filter = (("petition", PetitionFilter),)
    list_select_related = ("petition",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> UpdateQuerySet:
        """Return the news with its states."""
        updates: UpdateQuerySet = super().get_queryset(request)  # type: ignore[assignment]
        return updates.with_state()

    def get_fieldsets(self, request: HttpRequest, obj: Update | None = None) -> Any:
        """Return the form's sections, with a column for each language of the site."""
        return (
            (None, {"fields": ("petition",)}),
            (_("Text in each language"), {"classes": ("side-by-side",), "fields": side_by_side("title", "body")}),
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Choose the petition where this organiser may write news of a single one."""
        found = list(petitions_where(acting_organiser(request), "add_update").values_list("pk", flat=True)[:2])
        return super().get_changeform_initial_data(request) | ({"petition": found[0]} if len(found) == 1 else {})

    @admin.display(description=_("state"), ordering="published_at")
    def state_now(self, update: Update) -> str:
        """Return in words whether readers see it, and since or from when."""
        return state_in_words(update)

    def has_delete_permission(self, request: HttpRequest, obj: Update | None = None) -> bool:
        """Refuse: news is taken back instead, since the audit log keeps referring to it."""
        return False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show the form, and say whether readers see what is saved."""
        found: Update | None = context.get("original")
        state = state_in_words(found) if found is not None else ""
        is_seen = found is not None and found.state == NewsState.PUBLISHED
        return super().render_change_form(request, {**context, "state_now": state, "is_seen": is_seen}, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Update, form: Any, change: bool) -> None:  # noqa: FBT001
        """Store the item, and record which fields changed."""
        save_update(update=obj, changed=sorted(form.changed_data), actor=acting_organiser(request))

    def response_add(self, request: HttpRequest, obj: Update, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to the page for publishing, or as usual."""
        return self._to_look(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Update) -> HttpResponse:
        """Go on to the page for publishing, or as usual."""
        return self._to_look(request, obj) or super().response_change(request, obj)

    @staticmethod
    def _to_look(request: HttpRequest, update: Update) -> HttpResponse | None:
        if LOOK not in request.POST:
            return None
        return HttpResponseRedirect(reverse("admin:update_publish", args=[update.pk]))

    def get_urls(self) -> list[URLPattern]:
        """Add the pages for previewing and publishing."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/publish/", wrap(news_page.publish), name="update_publish"),
            path("<int:pk>/preview/<str:language>/", wrap(news_page.preview), name="update_preview"),
            *super().get_urls(),
        ]


def state_in_words(update: Update) -> str:
    """Return whether readers see a news item, and since or from when.

    :param update: with its state
    """
    if update.state == NewsState.DRAFT or update.published_at is None:
        return gettext("Draft")
    time = date_format(update.published_at, "DATETIME_FORMAT")
    if update.state == NewsState.SCHEDULED:
        return gettext("Appears on %(time)s UTC") % {"time": time}
    return gettext("Published on %(time)s UTC") % {"time": time}
