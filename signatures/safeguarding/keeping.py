"""Marks answers that are the same for everybody, and need not be made for each, though no cache may keep them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

MARK = "is_same_for_everybody"


def same_for_everybody(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let the process show this page to others, too, for as long as it shows any page again.

    Only for what depends on nothing but the address, and on parameters that the page cache knows. Forms that were sent
    are never shown again. What caches outside are told is left as it is.
    """

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        setattr(response, MARK, True)
        return response

    return marked


def may_be_shown_again(response: HttpResponseBase) -> bool:
    """Return whether an answer is the same for everybody who asks for its address."""
    return getattr(response, MARK, False) or "s-maxage" in response.headers.get("Cache-Control", "")
