"""Error pages in the visitor's language or, if the path has none, in every language of the site."""

from __future__ import annotations

import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, override

from petition_site.kept_form import FORMS, KeptField, fields_to_check, fields_to_look_at, kept_fields
from petition_site.middleware import ADMIN_PREFIX, path_language
from signatures.admin.ended_session import form_kept, is_from_here
from signatures.languages import site_languages
from signatures.outages import is_outage
from signatures.safeguarding.rate_limits import seconds_to_wait

RETRY_AFTER_SECONDS = 30


def error_page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """Render the error page for a status; no cache may store it."""
    of_path = path_language(request)
    # In the admin the active language is the organiser's. It is not yet that of the path if the request got no further
    # than the outer middleware.
    language = of_path or get_language() or settings.LANGUAGE_CODE
    # During an outage the visitor cannot open the page in another language either.
    in_all = of_path is None or status == HTTPStatus.SERVICE_UNAVAILABLE
    others = [code for code in site_languages() if code != language] if in_all else []
    context |= {"LANGUAGE_CODE": language, "status": status, "other_languages": others}
    with override(language):
        response = render(request, "errors/error.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for a malformed or incomplete request, status 400."""
    return error_page(request, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for a forbidden action, status 403."""
    return error_page(request, HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form sent from another site, or whose origin the browser does not reveal.

    Old browsers with privacy settings send ``Origin: null``, and so do browsers after a redirect from another site. The
    typed values are shown again for the visitor to check: only a form sent from our own page is accepted. That page is
    rendered each time, so such a form counts towards the limits like any other.
    """
    if request.path_info.startswith(ADMIN_PREFIX) and is_from_here(request):
        # A page of the desk that was opened before its reader logged in anew.
        return form_kept(request)
    is_hidden = request.META.get("HTTP_ORIGIN") == "null" and "HTTP_SEC_FETCH_SITE" not in request.META
    if not is_hidden:
        return error_page(request, HTTPStatus.FORBIDDEN, cross_site=True)
    wait = _wait_of_form(request)
    if wait:
        fields = read_fields(fields_to_look_at, request)
        response = error_page(request, HTTPStatus.TOO_MANY_REQUESTS, cross_site=True, kept_fields=fields)
        response.headers["Retry-After"] = str(wait)
        return response
    return error_page(request, HTTPStatus.FORBIDDEN, cross_site=True, kept_fields=read_fields(fields_to_check, request))


def _wait_of_form(request: HttpRequest) -> int:
    """Count a public form, and return the seconds until its network may send another, or 0."""
    if request.resolver_match is None or request.resolver_match.view_name not in FORMS:
        return 0
    try:
        return seconds_to_wait(request)
    except Error:
        # The cache of the limits is away. The outage page must not come instead: it would keep the consent, which
        # another site may have given.
        return 0


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for an address that does not exist, status 404."""
    return error_page(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page for an internal error, status 500, or for an outage, status 503.

    On an outage, which is temporary, a form that could not be stored is shown again, filled in.
    """
    if is_outage(sys.exc_info()[1]):
        response = error_page(request, HTTPStatus.SERVICE_UNAVAILABLE, kept_fields=read_fields(kept_fields, request))
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return error_page(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def read_fields(
    read: Callable[[HttpRequest, str], list[KeptField] | None], request: HttpRequest
) -> list[KeptField] | None:
    """Return what was typed into a form, or None if its body cannot be read."""
    try:
        return read(request, path_language(request) or settings.LANGUAGE_CODE)
    except (SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        # The body cannot be read, so there is nothing to send again.
        return None


class BrokenOffMiddleware:
    """Answers 400 to a request that was cut off before its end, which is not an error of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the error page if the body could not be read completely, else None."""
        return bad_request(request) if isinstance(exception, UnreadablePostError) else None


class WrongMethodMiddleware:
    """Replaces the empty 405 response of a view by an error page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, and replace a 405 response, keeping its Allow header."""
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = error_page(request, response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page
