"""Marks answers that are the same for everybody, though no cache may keep them, and pages that read their query."""

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
    """Let the process show this page to others, too, for as long as it shows any page again.

    Only for what depends on nothing but the address, and its query as ``reading_query`` says. Forms that were sent are
    never shown again. What caches outside are told is left as it is.
    """

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        setattr(response, MARK, True)
        return response

    return marked


def reading_query(is_asked: Callable[[HttpRequest], bool]) -> Callable[[View], View]:
    """Say when a page depends on its query and is made for the request: else it is one, whatever stands there.

    Without this every query is ignored, so that nobody can have a page made by adding one.

    :param is_asked: whether a request with a query asks for anything else than the page without one
    """

    def mark(view: View) -> View:
        setattr(view, ASKED, is_asked)
        return view

    return mark


def depends_on_query(view: View, request: HttpRequest) -> bool:
    """Return whether a request to a view asks for anything else than the page without a query."""
    is_asked: Callable[[HttpRequest], bool] | None = getattr(view, ASKED, None)
    return is_asked is not None and is_asked(request)


def may_be_shown_again(response: HttpResponseBase) -> bool:
    """Return whether an answer is the same for everybody who asks for its address."""
    return getattr(response, MARK, False) or "s-maxage" in response.headers.get("Cache-Control", "")
