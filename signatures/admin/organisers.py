"""Accounts of the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import ManyToManyField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from signatures.admin.titles import TitledAdmin
from signatures.models import Organiser

if TYPE_CHECKING:
    OrganiserAdminBase = UserAdmin[Organiser]
    RoleFieldBase = forms.ModelMultipleChoiceField[Group]
else:
    OrganiserAdminBase = UserAdmin
    RoleFieldBase = forms.ModelMultipleChoiceField

# The database knows the roles by their English names.
ROLE_NAMES = {
    "Administrators": _("Administrators"),
    "Organisers": _("Organisers"),
    "Moderators": _("Moderators"),
    "Editors": _("Editors"),
    "Auditors": _("Auditors"),
}


def role_name(name: str) -> str:
    """Return the name of a role in the language in use."""
    return str(ROLE_NAMES.get(name, name))


class RoleFilter(admin.RelatedFieldListFilter):
    """Accounts of one role."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the roles in the language in use."""
        return [(pk, role_name(str(name))) for pk, name in super().field_choices(field, request, model_admin)]


class RoleField(RoleFieldBase):
    """Roles to choose from."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name of the role in the language in use."""
        return role_name(obj.name)


@admin.register(Organiser)
class OrganiserAdmin(TitledAdmin, OrganiserAdminBase):
    """The stock account pages with the language, and without fields that nobody needs."""

    list_title = _("Organisers")
    add_title = _("New organiser")
    change_title = _("Organiser")

    fieldsets = (
        (None, {"fields": ("username", "password", "language")}),
        (_("Role"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "language", "usable_password", "password1", "password2")}),
        (_("Role"), {"fields": ("is_staff", "groups")}),
    )
    list_display = ("username", "language", "is_active", "is_superuser")
    list_filter = ("is_active", ("groups", RoleFilter))
    search_fields = ("username",)
    filter_horizontal = ("groups",)

    def formfield_for_manytomany(self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Name the roles in the language in use."""
        return super().formfield_for_manytomany(db_field, request, form_class=RoleField, **kwargs)


if admin.site.is_registered(Group):
    # The roles are made by ensure_roles; editing them by hand would be undone by the next start.
    admin.site.unregister(Group)
