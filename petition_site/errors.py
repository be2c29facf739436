"""Error pages in the visitor's language; where the path names none, in both."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import render

from petition_site.middleware import path_language

RETRY_AFTER_SECONDS = 30


def error_page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """Return the page for a status, never kept by any cache."""
    context |= {"status": status, "path_language": path_language(request)}
    response = render(request, "errors/error.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for a request that cannot be read."""
    return error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for what the visitor may not do."""
    return error_page(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form that was sent from another site."""
    return error_page(request, 403, cross_site=True)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the page for an address that does not exist."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page for our own failure; a database that is away is a 503, since it comes back."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = error_page(request, 503)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return error_page(request, 500)


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
