"""Headings of admin pages as whole sentences, since Django inserts nouns into phrases in the wrong case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

if TYPE_CHECKING:
    TitledBase = admin.ModelAdmin[Any]
else:
    TitledBase = object


class TitledAdmin(TitledBase):
    """Gives separate headings to the list, the page of a new row and the page of an existing row."""

    list_title: Promise
    # Unused for rows that can't be added: their page is refused, but only after its heading was read.
    add_title: Promise | str = ""
    change_title: Promise

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list under its heading."""
        return super().changelist_view(request, {"title": self.list_title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a row under its heading."""
        title = self.add_title if object_id is None else self.change_title
        return super().changeform_view(request, object_id, form_url, {"title": title, **(extra_context or {})})
