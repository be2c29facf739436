"""Base classes for the admin: read-only rows, and paging through very long lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext

ROWS_REACHED_MAX = 1000


def in_words(value: bool) -> str:  # noqa: FBT001 - it is what is told
    """Return yes or no, in place of Django's picture, which is described in English."""
    return gettext("Yes") if value else gettext("No")


class BoundedPaginator(Paginator[Model]):
    """Limits paging to the first thousand rows: nobody reads on, and counting ten million takes seconds."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most a thousand."""
        return len(self.object_list.values_list("pk")[:ROWS_REACHED_MAX])  # type: ignore[attr-defined]


class ReadOnlyAdmin(admin.ModelAdmin[Model]):
    """Rows that can't be edited in the admin; changes go through actions."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions: Sequence[Any] | None = None

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False
