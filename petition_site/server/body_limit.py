"""Refuses what is too large before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from petition_site.errors import error_page


class BodyLimitMiddleware:
    """Answers 413 to a body over the limit.

    A body whose length is not said (``Transfer-Encoding: chunked``) needs no limit: Django reads none of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or pass the request on."""
        if body_length(request) > settings.BODY_BYTES_MAX:
            return error_page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.get_response(request)


def body_length(request: HttpRequest) -> int:
    """Return how many bytes the request says it has; gunicorn has seen to it that this is a number."""
    return int(request.META.get("CONTENT_LENGTH") or 0)
