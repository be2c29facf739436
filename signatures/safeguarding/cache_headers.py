"""Marks responses that the page cache may share although outside caches may not, and views that read their query."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

MARK = "is_same_for_everybody"
ASKED = "is_asked_by_query"
View = Callable[..., HttpResponseBase]


def same_for_everybody(view: View) -> View:
    """Let the process's page cache serve this page to others, for as long as it caches any page.

    Only for pages that depend on nothing but the path, and on the query as declared by ``reading_query``. Responses to
    POST are never cached. The cache headers, which outside caches read, are left unchanged.
    """

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        setattr(response, MARK, True)
        return response

    return marked


def reading_query(is_asked: Callable[[HttpRequest], bool]) -> Callable[[View], View]:
    """Declare when a view depends on its query, so that the page is rendered for that request instead of cached.

    Without this every query is ignored, so that nobody can bypass the cache by adding one.

    :param is_asked: whether a request with a query asks for anything other than the page without it
    """

    def mark(view: View) -> View:
        setattr(view, ASKED, is_asked)
        return view

    return mark


def depends_on_query(view: View, request: HttpRequest) -> bool:
    """Return whether a request to a view asks for anything other than the page without a query."""
    is_asked: Callable[[HttpRequest], bool] | None = getattr(view, ASKED, None)
    return is_asked is not None and is_asked(request)


def may_be_shown_again(response: HttpResponseBase) -> bool:
    """Return whether a response is the same for everybody who requests its address, so that it may be cached."""
    return getattr(response, MARK, False) or "s-maxage" in response.headers.get("Cache-Control", "")
