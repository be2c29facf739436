"""The organisers' admin site, called the desk on its pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from signatures.admin.access import is_let_in, organiser_with_password
from signatures.admin.alerts_page import alerts
from signatures.admin.approvals_page import approval, approvals
from signatures.admin.bounce_notice import tell_what_came_back
from signatures.admin.dashboard import dashboard_context, rooms_of
from signatures.admin.ended_session import form_kept, logged_in
from signatures.admin.guide_page import guide, guide_url
from signatures.admin.half_way import lead_on
from signatures.admin.logging_in import DeskLoginView, DeskPasswordView, record_logout
from signatures.admin.lost_factor import tell_who_removed_factor
from signatures.admin.own_account import own_account, tell_of_links
from signatures.admin.refusals import warn_of_refusals
from signatures.admin.second_factor_urls import factor_urls
from signatures.admin.sessions_page import organiser_sessions, sessions
from signatures.admin.set_password_page import set_password
from signatures.admin.switches_page import switches
from signatures.admin.written_texts import shown_text
from signatures.models import Petition

NUL = "\0"
SAVE_AS_NEW = "_saveasnew"
# In the order of use; what is not named here comes last.
BY_USE = ("Petition", "Signature", "Update", "Delivery", "Organiser", "AuditEntry", "TextVersion", "BounceCount")


class PetitionAdminSite(admin.AdminSite):
    """The stock admin with our titles, limited and recorded logins, and forms that outlive their session."""

    site_header = _("Organisers' desk")
    site_title = _("Organisers' desk")
    index_title = _("Campaigns")
    # The public pages are in several languages; the admin cannot know which one is meant.
    site_url = "/"
    # The header leads to every list, on phones too.
    enable_nav_sidebar = False
    # What is empty stays empty: columns of dashes say nothing.
    empty_value_display = ""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the lists that this organiser may open, in the order of use."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda one: _place(one["object_name"]))
        return apps

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page of the desk shows, with the page of the guide that is about it."""
        return {**super().each_context(request), "guide_url": guide_url(request)}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show how the campaigns go and what waits, below warnings of refused or bounced mails."""
        warn_of_refusals(request)
        tell_what_came_back(request)
        tell_who_removed_factor(request)
        tell_of_links(request)
        response = super().index(request, {**dashboard_context(request), **(extra_context or {})})
        if response.context_data is not None:
            response.context_data["rooms"] = rooms_of(response.context_data["app_list"])
        return response

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the login form, or check a password unless there were too many attempts."""
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        if request.method == "GET" and organiser_with_password(request) is not None:
            return lead_on(request)
        context = {
            **self.each_context(request),
            "title": gettext("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        if REDIRECT_FIELD_NAME not in {*request.GET, *request.POST}:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index")
        return DeskLoginView.as_view(extra_context=context)(request)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Log out, on record."""
        record_logout(request)
        return super().logout(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the form for one's own password, or store a new one."""
        context = {**self.each_context(request), **(extra_context or {})}
        return DeskPasswordView.as_view(success_url=reverse("admin:password_change_done"), extra_context=context)(
            request
        )

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Add the pages that belong to no model."""
        own = [
            path("guide/", self.admin_view(guide), name="guide"),
            path("guide/<slug:page>/", self.admin_view(guide), name="guide_page"),
            path("approvals/", self.admin_view(approvals), name="approvals"),
            path("approvals/<int:pk>/", self.admin_view(approval), name="approval"),
            path("alerts/", self.admin_view(alerts), name="alerts"),
            path("sessions/", self.admin_view(sessions), name="sessions"),
            path("switches/", self.admin_view(switches), name="switches"),
            path("logged-in/", self.admin_view(logged_in), name="logged_in"),
            path(
                "signatures/organiser/<int:pk>/sessions/",
                self.admin_view(organiser_sessions),
                name="organiser_sessions",
            ),
            path("shown-text/", self.admin_view(shown_text), name="shown_text"),
            path("second-factor/", include(factor_urls(_checked, self.admin_view))),
            path("account/", self.admin_view(own_account), name="account"),
            # Whoever was sent a link has no password yet.
            path("set-password/<path:token>/", set_password, name="set_password"),
        ]
        return [*own, *super().get_urls()]

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody is let in, with a second factor where the site requires it."""
        return is_let_in(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Guard a page as Django does, and reject requests that would crash it."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def led(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            is_half_way = organiser_with_password(request) is not None and not is_let_in(request)
            if is_half_way and _is_logout(request):
                return self.logout(request)
            # The token has been checked: what was typed comes from a page of ours, and is not lost.
            if request.method == "POST" and not self.has_permission(request) and not _is_logout(request):
                return form_kept(request)
            if is_half_way:
                return lead_on(request)
            return guarded(request, *args, **kwargs)

        return _checked(led)


def _checked(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Reject requests that would crash a page."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _cannot_be_answered(request):
            raise BadRequest
        try:
            return view(request, *args, **kwargs)
        except Petition.DoesNotExist as error:
            # A draft that somebody deleted after it was found, and before it was locked.
            raise Http404 from error

    return checked


def _is_logout(request: HttpRequest) -> bool:
    return request.path_info == reverse("admin:logout")


def _place(model: str) -> int:
    return BY_USE.index(model) if model in BY_USE else len(BY_USE)


def _cannot_be_answered(request: HttpRequest) -> bool:
    return (
        # The database cannot represent NUL, and so cannot compare with it either.
        any(NUL in value for values in request.GET.lists() for value in values[1])
        # Django refuses the name of an unknown field, but looks an empty one up.
        or "" in request.GET.getlist(TO_FIELD_VAR) + request.POST.getlist(TO_FIELD_VAR)
        # No page offers this; Django would show a row that does not exist.
        or SAVE_AS_NEW in request.POST
    )
