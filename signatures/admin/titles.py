"""Headings of admin pages, and what was done there, as whole sentences: Django inserts nouns in the wrong case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from signatures.admin.log_subjects import Kind, log_link
from signatures.models.rights import petition_id_of

if TYPE_CHECKING:
    TitledBase = admin.ModelAdmin[Any]
else:
    TitledBase = object

CONTINUE = "_continue"
# The models whose rows' pages lead to what the audit log says of them.
LOGGED = {
    "petition": Kind.PETITION,
    "textversion": Kind.VERSION,
    "signature": Kind.SIGNATURE,
    "organiser": Kind.ACCOUNT,
    "update": Kind.NEWS,
}


class TitledAdmin(TitledBase):
    """Gives each page its own heading, and says in a sentence of the model's own what was done."""

    # Counting the rows of each choice of each filter costs more than the list.
    show_facets = admin.ShowFacets.NEVER
    list_title: Promise
    # Unused for rows that can't be added: their page is refused, but only after its heading was read.
    add_title: Promise | str = ""
    change_title: Promise
    # What was done to a row, which stands at {row}.
    added: Promise = _("“{row}” is added.")
    changed: Promise = _("The changes to “{row}” are saved.")
    deleted: Promise = _("“{row}” is deleted.")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list under its heading."""
        context = {"title": self.list_title, "add_title": self.add_title, **(extra_context or {})}
        return super().changelist_view(request, context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a row under its heading, with few buttons."""
        title = self.add_title if object_id is None else self.change_title
        context = {"title": title, "show_save_and_add_another": False, **(extra_context or {})}
        response = super().changeform_view(request, object_id, form_url, context)
        if isinstance(response, TemplateResponse) and response.context_data and object_id is not None:
            row = response.context_data.get("original")
            kind = LOGGED.get(self.opts.model_name or "")
            if row is not None and kind is not None:
                response.context_data["log_url"] = log_link(request, kind, row.pk, petition_id_of(row))
        return response

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Say that a row was added, and go on to the list or to the row."""
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        row = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
        return self._tell_and_go_on(request, obj, row, self.added)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Say that a row was changed, and go on to the list or to the row."""
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, obj)
        return self._tell_and_go_on(request, obj, request.path, self.changed)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        """Say that a row was deleted, and go on to the list."""
        if IS_POPUP_VAR in request.POST:
            return super().response_delete(request, obj_display, obj_id)
        messages.success(request, format_html(str(self.deleted), row=obj_display))
        return self.response_post_save_change(request, None)

    def _tell_and_go_on(self, request: HttpRequest, obj: Any, path: str, sentence: Promise) -> HttpResponse:
        row = format_html('<a href="{}">{}</a>', path, obj) if self.has_change_permission(request, obj) else obj
        said = format_html(str(sentence), row=row)
        if CONTINUE not in request.POST:
            messages.success(request, said)
            return self.response_post_save_change(request, obj)
        messages.success(request, format_html("{} {}", said, _("You can go on editing.")))
        filters: Any = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(filters, path))
