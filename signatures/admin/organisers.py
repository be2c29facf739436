"""Accounts of the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from signatures.admin.titles import TitledAdmin
from signatures.models import Organiser

if TYPE_CHECKING:
    OrganiserAdminBase = UserAdmin[Organiser]
else:
    OrganiserAdminBase = UserAdmin


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
    list_filter = ("is_active", "groups")
    search_fields = ("username",)
    filter_horizontal = ("groups",)


if admin.site.is_registered(Group):
    # The roles are made by ensure_roles; editing them by hand would be undone by the next start.
    admin.site.unregister(Group)
