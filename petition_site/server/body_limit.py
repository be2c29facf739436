"""Rejects request bodies that are too large before a byte of them is read."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from petition_site.errors import error_page


class BodyLimitMiddleware:
    """Answers 413 if Content-Length exceeds BODY_BYTES_MAX.

    A body of unknown length (``Transfer-Encoding: chunked``) needs no limit: Django does not read it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, or answer 413."""
        if body_length(request) > settings.BODY_BYTES_MAX:
            return error_page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.get_response(request)


def body_length(request: HttpRequest) -> int:
    """Return the declared length of the body in bytes; gunicorn has checked that it is a number."""
    return int(request.META.get("CONTENT_LENGTH") or 0)
