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

from signatures.admin.bounce_notice import tell_what_came_back
from signatures.admin.decision_pages import tell_what_waits
from signatures.admin.purge_page import warn_of_erasure
from signatures.admin.refusals import warn_of_refusals
from signatures.admin.waves_page import tell_of_waves
from signatures.admin.written_texts import shown_text
from signatures.safeguarding.rate_limits import LOGIN, seconds_to_wait

NUL = "\0"
SAVE_AS_NEW = "_saveasnew"


class PetitionAdminSite(admin.AdminSite):
    """The stock admin with our titles and a limit on attempts to log in."""

    site_header = _("Organisers' desk")
    site_title = _("Organisers' desk")
    index_title = _("Campaigns")
    # The public pages are in several languages; the admin cannot know which one is meant.
    site_url = "/"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the start page with warnings: refused or bounced mails, upcoming erasures, pending decisions."""
        warn_of_refusals(request)
        warn_of_erasure(request)
        tell_what_waits(request)
        tell_of_waves(request)
        tell_what_came_back(request)
        return super().index(request, extra_context)

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
        """Add the URL that renders a text as readers will see it."""
        return [path("shown-text/", self.admin_view(shown_text), name="shown_text"), *super().get_urls()]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Guard a page as Django does, and reject requests that would crash it."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if _cannot_be_answered(request):
                raise BadRequest
            return guarded(request, *args, **kwargs)

        return checked


def _cannot_be_answered(request: HttpRequest) -> bool:
    return (
        # The database cannot represent NUL, and so cannot compare with it either.
        any(NUL in value for values in request.GET.lists() for value in values[1])
        # Django refuses the name of an unknown field, but looks an empty one up.
        or "" in request.GET.getlist(TO_FIELD_VAR) + request.POST.getlist(TO_FIELD_VAR)
        # No page offers this; Django would show a row that does not exist.
        or SAVE_AS_NEW in request.POST
    )
