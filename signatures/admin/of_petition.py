"""Lists and pages of rows that belong to a petition: each shows, and changes, only what a role allows there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from signatures.admin.access import acting_organiser
from signatures.models import Petition
from signatures.models.rights import numbers_where, petitions_where

if TYPE_CHECKING:
    OfPetitionBase = admin.ModelAdmin[Any]
    FilterBase = admin.RelatedFieldListFilter
else:
    OfPetitionBase = object
    FilterBase = admin.RelatedFieldListFilter

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])
SEEN_WITH = "view_petition"


def rows_where(rows: Rows, request: HttpRequest, permission: str) -> Rows:
    """Keep the rows of petitions, or the petitions, in which the acting organiser has a permission.

    Rows that belong to no petition are kept for those who have it in the whole site.
    """
    numbers = numbers_where(acting_organiser(request), permission)
    if numbers is None:
        return rows
    return rows.filter(**{"pk__in" if rows.model is Petition else "petition__in": numbers})


class OfPetition(OfPetitionBase):
    """Limits a model's list and pages to the petitions in which the acting organiser may see its rows.

    A row of another petition is not found, like one that does not exist; one that a role does not show is refused.
    """

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that this organiser may see."""
        return rows_where(super().get_queryset(request), request, get_permission_codename("view", self.opts))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return a row.

        :raises Http404: if there is none that this organiser may know of
        :raises PermissionDenied: if it belongs to a petition that they know, but their role does not show it
        """
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            return found
        if self._is_of_known_petition(request, object_id):
            raise PermissionDenied
        raise Http404

    def _is_of_known_petition(self, request: HttpRequest, object_id: str) -> bool:
        try:
            pk = self.opts.pk.to_python(object_id)
        except ValidationError:
            return False
        rows: QuerySet[Any] = super().get_queryset(request).filter(pk=pk)
        return rows_where(rows, request, SEEN_WITH).exists()

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """Offer only the petitions in which this organiser may write."""
        if db_field.related_model is not Petition:
            return super().get_field_queryset(db, db_field, request)
        there = request.resolver_match is not None and "object_id" in request.resolver_match.kwargs
        codename = get_permission_codename("change" if there else "add", self.opts)
        return petitions_where(acting_organiser(request), codename)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether this organiser may see a row, or any."""
        return super().has_view_permission(request, obj) and self._may(request, obj, "view", "change")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether this organiser may change a row, or any."""
        return super().has_change_permission(request, obj) and self._may(request, obj, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether this organiser may delete a row, or any."""
        return super().has_delete_permission(request, obj) and self._may(request, obj, "delete")

    def _may(self, request: HttpRequest, obj: Model | None, *actions: str) -> bool:
        codenames = [f"{self.opts.app_label}.{get_permission_codename(action, self.opts)}" for action in actions]
        return any(request.user.has_perm(codename, obj) for codename in codenames)


class OfPetitionInline(OfPetition):
    """The same for rows on the page of their petition, which is the row that Django asks for."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether this organiser may add a row to a petition."""
        return super().has_add_permission(request, obj) and self._may(request, obj, "add")  # type: ignore[call-arg]


class PetitionFilter(FilterBase):
    """Filters rows by petition, and offers only those that the list is about."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the petitions in which this organiser may see such rows."""
        petitions = petitions_where(acting_organiser(request), get_permission_codename("view", model_admin.opts))
        return [(str(one.pk), str(one)) for one in petitions]
