"""The page for a form that was sent after its session had ended, or with the token of an earlier one.

Nothing of it is stored: what was typed stays in the page, and is sent again after logging in.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import admin
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from signatures.admin.access import is_let_in

# Pages whose forms hold nothing but secrets, beside a user name.
SECRET_PAGES = ("/admin/login/", "/admin/second-factor/", "/admin/password_change/")
NEVER_KEPT = {"csrfmiddlewaretoken"}
SECRET_NAME = "password"  # noqa: S105 - part of the names of such fields
LONG = 60


@dataclass(frozen=True)
class Typed:
    """A value of a form, to be sent again unchanged."""

    name: str
    value: str

    @property
    def is_long(self) -> bool:
        """Return whether somebody would not like to type it again."""
        return len(self.value) >= LONG or "\n" in self.value


@never_cache
def form_kept(request: HttpRequest) -> HttpResponse:
    """Show what happened, where to log in, and a form with all that was typed but passwords.

    To be shown only for a form that comes from a page of this site.
    """
    fields, secrets, files = _typed(request)
    is_here = is_let_in(request)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Please press once more") if is_here else gettext("You are not logged in any more"),
        "is_here": is_here,
        "fields": fields,
        "is_login": request.path_info == reverse("admin:login"),
        "may_send": request.path_info != reverse("admin:login") and (is_here or bool(fields)),
        "long_texts": [field.value for field in fields if field.is_long],
        "lost_secrets": secrets,
        "lost_files": files,
        "login_url": reverse("admin:login"),
    }
    return render(request, "admin/form_kept.html", context, status=HTTPStatus.FORBIDDEN)


def is_from_here(request: HttpRequest) -> bool:
    """Return whether the browser says that a form comes from a page of this site (Fetch metadata, else Origin)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin") == f"{request.scheme}://{request.get_host()}"


def logged_in(request: HttpRequest) -> HttpResponse:
    """Say that one may go back to the other tab."""
    context = {**admin.site.each_context(request), "title": gettext("You are logged in")}
    return render(request, "admin/logged_in.html", context)


def _typed(request: HttpRequest) -> tuple[list[Typed], bool, bool]:
    """Return the values to be sent again, and whether there were passwords and files, which are not."""
    try:
        pairs = [(name, value) for name, values in request.POST.lists() for value in values if name not in NEVER_KEPT]
        files = any(request.FILES.values())
    except (SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        return [], False, False
    if request.path_info.startswith(SECRET_PAGES):
        return [], False, False
    kept = [Typed(name, value) for name, value in pairs if SECRET_NAME not in name]
    return kept, any(SECRET_NAME in name for name, _ in pairs), files
