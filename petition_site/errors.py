"""Error pages in the visitor's language; where the path names none, in every language of the site."""

from __future__ import annotations

import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, override

from petition_site.kept_form import FORMS, KeptField, fields_to_check, fields_to_look_at, kept_fields
from petition_site.middleware import path_language
from signatures.languages import site_languages
from signatures.outages import counter_errors, is_outage
from signatures.safeguarding.rate_limits import seconds_to_wait

RETRY_AFTER_SECONDS = 30


def error_page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """Return the page for a status, never kept by any cache."""
    of_path = path_language(request)
    # The language in use is the organiser's at the desk, and none of the path's where the request got no farther than
    # the outer layers.
    language = of_path or get_language() or settings.LANGUAGE_CODE
    # While nothing can be opened, neither can this page in another language.
    in_all = of_path is None or status == HTTPStatus.SERVICE_UNAVAILABLE
    others = [code for code in site_languages() if code != language] if in_all else []
    context |= {"LANGUAGE_CODE": language, "status": status, "other_languages": others}
    with override(language):
        response = render(request, "errors/error.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for a request that cannot be read."""
    return error_page(request, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for what the visitor may not do."""
    return error_page(request, HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form that was sent from another site, or of which the browser does not say from where.

    Old browsers that guard one's privacy say ``Origin: null``; so do those that another page has sent on. What was
    typed is shown again for the visitor to look at: only a press on our own page is taken. That page is made anew each
    time, so that such a form counts as any other does.
    """
    is_hidden = request.META.get("HTTP_ORIGIN") == "null" and "HTTP_SEC_FETCH_SITE" not in request.META
    if not is_hidden:
        return error_page(request, HTTPStatus.FORBIDDEN, cross_site=True)
    wait = _wait_of_form(request)
    if wait:
        fields = _read_fields(fields_to_look_at, request)
        response = error_page(request, HTTPStatus.TOO_MANY_REQUESTS, cross_site=True, kept_fields=fields)
        response.headers["Retry-After"] = str(wait)
        return response
    return error_page(
        request, HTTPStatus.FORBIDDEN, cross_site=True, kept_fields=_read_fields(fields_to_check, request)
    )


def _wait_of_form(request: HttpRequest) -> int:
    """Count a public form, and return the seconds for which its network has to wait, or 0."""
    if request.resolver_match is None or request.resolver_match.view_name not in FORMS:
        return 0
    try:
        return seconds_to_wait(request)
    except counter_errors():
        # What counts is away, and the page that comes then would show consent again that another site may have given.
        return 0


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for an address that does not exist."""
    return error_page(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page for our own failure.

    A database that is away is a 503, since it comes back; a form that it could not take is shown again, filled in.
    """
    if is_outage(sys.exc_info()[1]):
        response = error_page(request, HTTPStatus.SERVICE_UNAVAILABLE, kept_fields=_read_fields(kept_fields, request))
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return error_page(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _read_fields(
    read: Callable[[HttpRequest, str], list[KeptField] | None], request: HttpRequest
) -> list[KeptField] | None:
    try:
        return read(request, path_language(request) or settings.LANGUAGE_CODE)
    except (SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        # It could not be read, and so not be taken later either.
        return None


class BrokenOffMiddleware:
    """Answers 400 where a request broke off before its end, which is no failure of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page for a request that cannot be read, if that is what went wrong."""
        return bad_request(request) if isinstance(exception, UnreadablePostError) else None


class WrongMethodMiddleware:
    """Gives the visitor a page where a view has only said that it does not take this kind of request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; the page keeps the list of what is allowed."""
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = error_page(request, response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page
