"""Accounts of the desk: the list, and the page of each."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminRadioSelect
from django.contrib.auth import admin as auth_admin  # noqa: F401 - registers the pages that are taken away below
from django.contrib.auth.models import Group
from django.db.models import ManyToManyField, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin import account_pages
from signatures.admin.access import acting_organiser
from signatures.admin.account_forms import AccountForm, SiteRole
from signatures.admin.half_way import is_proof_fresh, lead_on
from signatures.admin.role_words import role_name, site_role
from signatures.admin.titles import TitledAdmin
from signatures.models import Organiser
from signatures.models.second_factor import has_second_factor
from signatures.safeguarding.accounts import change_account, give_site_role


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
class OrganiserAdmin(TitledAdmin, admin.ModelAdmin[Organiser]):
    """Accounts with their roles; nobody can grant rights that they don't have, or know another's password."""

    list_title = _("People")
    add_title = _("New account")
    change_title = _("Account")
    changed = _("The changes to the account “{row}” are saved.")

    form = AccountForm
    list_display = ("username", "site_role", "petition_roles", "language", "access")
    list_filter = (AccessFilter, ("groups", RoleFilter))
    search_fields = ("username",)
    ordering = ("username",)
    readonly_fields = ("name", "site_role", "petition_roles", "access")

    @admin.display(description=_("Name of the account"))
    def name(self, account: Organiser) -> str:
        """Return the name of an account, which never changes."""
        return account.username

    @admin.display(description=_("Access"), ordering="is_active")
    def access(self, account: Organiser) -> str:
        """Return in words whether one can log in with an account."""
        return gettext("Has access") if account.is_active and account.is_staff else gettext("No access")

    @admin.display(description=_("Role in the whole site"))
    def site_role(self, account: Organiser) -> str:
        """Return the role in the whole site in the active language."""
        return site_role(account)

    @admin.display(description=_("Roles in petitions"))
    def petition_roles(self, account: Organiser) -> SafeString:
        """Return the roles in single petitions, each with a link to the people of the petition."""
        rows = [
            (reverse("admin:petition_people", args=[one.petition_id]), one.petition, role_name(one.role.name))
            for one in account.memberships.all()
        ]
        return format_html_join("", '<div><a href="{}">{}</a>: {}</div>', rows)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organiser]:
        """Return the accounts with their roles prefetched."""
        related = ("groups", "memberships__role", "memberships__petition")
        return super().get_queryset(request).prefetch_related(*related)

    def get_fieldsets(self, request: HttpRequest, obj: Organiser | None = None) -> Any:
        """Return the sections that the acting organiser may change."""
        if obj is None or not self.has_change_permission(request, obj):
            return ((None, {"fields": ("name", "language", "site_role", "petition_roles", "access")}),)
        rights = ["groups"]
        if acting_organiser(request).is_superuser:
            rights.append("is_superuser")
        if not obj.is_staff:
            # An account that was shut out this way must not be readmitted implicitly by changing something else.
            rights.append("is_staff")
        return (
            (None, {"fields": ("name", "access", "language")}),
            (_("What the account may do"), {"fields": [*rights, "petition_roles"]}),
        )

    def formfield_for_manytomany(self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only the roles that the acting organiser may grant."""
        options = {
            "form_class": SiteRole,
            "widget": AdminRadioSelect(attrs={"class": "radiolist"}),
            "queryset": acting_organiser(request).roles_to_give(),
            "required": False,
            "blank": True,
            "empty_label": gettext("None in the whole site"),
        }
        return db_field.formfield(**kwargs | options)

    def has_change_permission(self, request: HttpRequest, obj: Organiser | None = None) -> bool:
        """Refuse accounts with more rights than the acting organiser, who could gain them by a link."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or acting_organiser(request).may_change(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Organiser | None = None) -> bool:
        """Refuse: accounts are closed, never deleted."""
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a new account on a page of its own."""
        return account_pages.new_account(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an account, or change it, to whoever may change accounts after a proof that is fresh."""
        actor = acting_organiser(request)
        if self.has_change_permission(request) and not is_proof_fresh(request, actor):
            return lead_on(request, actor)
        return super().change_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show what else may be done to the account."""
        account: Organiser = context["original"]
        may_act, is_own = self.has_change_permission(request, account), account.pk == request.user.pk
        may_remove = may_act and not is_own and has_second_factor(account)
        extra = {"may_act": may_act, "is_own": is_own, "may_remove_factor": may_remove}
        return super().render_change_form(request, {**context, **extra}, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Organiser, form: Any, change: bool) -> None:  # noqa: FBT001
        """Change language and rights by the actions, which record it."""
        data, actor = form.cleaned_data, acting_organiser(request)
        change_account(account=obj, language=data["language"], let_in=bool(data.get("is_staff", False)), actor=actor)
        give_site_role(
            account=obj,
            role=next(iter(data["groups"]), None),
            everything=bool(data.get("is_superuser", obj.is_superuser)),
            actor=actor,
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Do nothing: the roles are given already."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that close an account, open it again, and make a link for its password."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/link/", wrap(account_pages.make_link), name="organiser_link"),
            path("<int:pk>/close/", wrap(account_pages.close), name="organiser_close"),
            path("<int:pk>/open/", wrap(account_pages.open_again), name="organiser_open"),
            *super().get_urls(),
        ]


# Django registers groups where this is imported. Roles are created by ensure_roles; manual changes would be undone by
# the next start.
import_module("django.contrib.auth.admin")
admin.site.unregister(Group)
