"""The organisers' admin site, called the desk on its pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import TO_FIELD_VAR
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from signatures.admin.alerts_page import alerts
from signatures.admin.bounce_notice import tell_what_came_back
from signatures.admin.dashboard import dashboard_context, rooms_of
from signatures.admin.refusals import warn_of_refusals
from signatures.admin.written_texts import shown_text
from signatures.safeguarding.rate_limits import LOGIN, seconds_to_wait

NUL = "\0"
SAVE_AS_NEW = "_saveasnew"
# In the order of use; what is not named here comes last.
BY_USE = ("Petition", "Signature", "Update", "Delivery", "Organiser", "AuditEntry", "TextVersion", "BounceCount")


class PetitionAdminSite(admin.AdminSite):
    """The stock admin with our titles and a limit on attempts to log in."""

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

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show how the campaigns go and what waits, below warnings of refused or bounced mails."""
        warn_of_refusals(request)
        tell_what_came_back(request)
        response = super().index(request, {**dashboard_context(request), **(extra_context or {})})
        if response.context_data is not None:
            response.context_data["rooms"] = rooms_of(response.context_data["app_list"])
        return response

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the login form, or answer 429 before the password is checked."""
        if request.method == "POST":
            wait = seconds_to_wait(request, LOGIN)
            if wait:
                context = {**self.each_context(request), "title": _("Too many attempts"), "minutes": -(-wait // 60)}
                response = render(request, "admin/too_many_logins.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
                response.headers["Retry-After"] = str(wait)
                return response
        return super().login(request, extra_context)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Add the page of alerts, and the URL that renders a text as readers will see it."""
        own = [
            path("alerts/", self.admin_view(alerts), name="alerts"),
            path("shown-text/", self.admin_view(shown_text), name="shown_text"),
        ]
        return [*own, *super().get_urls()]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Guard a page as Django does, and reject requests that would crash it."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if _cannot_be_answered(request):
                raise BadRequest
            return guarded(request, *args, **kwargs)

        return checked


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
