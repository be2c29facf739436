"""Accounts of the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminRadioSelect
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import ManyToManyField, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.access import acting_organiser
from signatures.admin.account_forms import AccountForm, NewAccountForm, NewPasswordForm, RoleField, role_name
from signatures.admin.titles import TitledAdmin
from signatures.models import Organiser


class RoleFilter(admin.RelatedFieldListFilter):
    """Filters accounts by role."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the roles in the active language."""
        return [(pk, role_name(str(name))) for pk, name in super().field_choices(field, request, model_admin)]


class AccessFilter(admin.SimpleListFilter):
    """Filters accounts by whether one can log in with them."""

    title = _("Access")
    parameter_name = "access"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the two choices."""
        return [("open", gettext("Has access")), ("closed", gettext("No access"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Organiser]) -> QuerySet[Organiser]:
        """Keep the accounts of the chosen kind."""
        can_log_in = Q(is_active=True, is_staff=True)
        if self.value() not in {"open", "closed"}:
            return queryset
        return queryset.filter(can_log_in if self.value() == "open" else ~can_log_in)


@admin.register(Organiser)
class OrganiserAdmin(TitledAdmin, UserAdmin[Organiser]):
    """The stock account pages with language and role; nobody can grant rights that they don't have themselves."""

    list_title = _("Organisers")
    add_title = _("New organiser")
    change_title = _("Organiser")
    added = _("The account “{row}” is added.")
    changed = _("The changes to the account “{row}” are saved.")
    deleted = _("The account “{row}” is deleted.")

    form = AccountForm
    add_form = NewAccountForm
    change_password_form = NewPasswordForm
    add_form_template = "admin/change_form.html"
    change_user_password_template = "admin/new_password.html"  # noqa: S105 - a template
    list_display = ("username", "role", "language", "access")
    list_filter = (AccessFilter, ("groups", RoleFilter))
    search_fields = ("username",)
    filter_horizontal = ()
    readonly_fields = ("role",)

    @admin.display(description=_("Access"), ordering="is_active")
    def access(self, account: Organiser) -> str:
        """Return in words whether one can log in with an account."""
        return gettext("Has access") if account.is_active and account.is_staff else gettext("No access")

    @admin.display(description=_("Role"))
    def role(self, account: Organiser) -> str:
        """Return the role of an account in the active language."""
        if account.is_superuser:
            return gettext("Administrator: may do everything, erasing included")
        return ", ".join(role_name(group.name) for group in account.groups.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organiser]:
        """Return the accounts with their roles prefetched."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Organiser | None = None) -> Any:
        """Return the sections that the acting organiser may change."""
        if obj is not None and not self.has_change_permission(request, obj):
            return ((None, {"fields": ("username", "language", "role", "is_active")}),)
        rights = ["groups"]
        if acting_organiser(request).is_superuser:
            rights.append("is_superuser")
        if obj is None:
            return (
                (None, {"classes": ("wide",), "fields": ("username", "language", "password1", "password2")}),
                (_("What the account may do"), {"classes": ("wide",), "fields": rights}),
            )
        if not obj.is_staff:
            # An account that was shut out this way must not be readmitted implicitly by changing something else.
            rights.append("is_staff")
        return (
            (None, {"fields": ("username", "password", "language", "is_active")}),
            (_("What the account may do"), {"fields": rights}),
        )

    def formfield_for_manytomany(self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only the roles that the acting organiser may grant."""
        actor = acting_organiser(request)
        widget = AdminRadioSelect(attrs={"class": "radiolist"})
        return db_field.formfield(
            **kwargs | {"form_class": RoleField, "widget": widget, "queryset": actor.roles_to_give()}
        )

    def has_change_permission(self, request: HttpRequest, obj: Organiser | None = None) -> bool:
        """Refuse accounts with more rights than the acting organiser, who could gain them by setting the password."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or acting_organiser(request).may_change(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Organiser | None = None) -> bool:
        """Refuse accounts with more rights than the acting organiser."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or acting_organiser(request).may_change(obj))

    def save_model(self, request: HttpRequest, obj: Organiser, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save; new accounts may log in to the admin, since there is nothing else to log in to."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)


if admin.site.is_registered(Group):
    # Roles are created by ensure_roles; manual changes would be undone by the next start.
    admin.site.unregister(Group)
