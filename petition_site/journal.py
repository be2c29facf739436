"""Middleware of the erasure journal: nothing is served from an older copy, and nothing answered before it is noted."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from petition_site.errors import RETRY_AFTER_SECONDS, error_page
from signatures.journaling import copy_own
from signatures.journaling.gate import GATE

GetResponse = Callable[[HttpRequest], HttpResponseBase]
ALIVE = "/-/live"
READING = {"GET", "HEAD", "OPTIONS"}


class GateMiddleware:
    """Answers 503 while the database may hold what was taken away since it was backed up."""

    def __init__(self, get_response: GetResponse) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, or answer 503."""
        if request.path_info == ALIVE or not GATE.is_closed():
            return self.get_response(request)
        response = error_page(request, HTTPStatus.SERVICE_UNAVAILABLE)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response


class JournalMiddleware:
    """Copies what a form took away into the journal before it is answered, whatever the form does."""

    def __init__(self, get_response: GetResponse) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, and copy what it has noted."""
        response = self.get_response(request)
        is_done = request.method in READING or getattr(request, "journals_itself", False)
        # After an error whatever was noted is copied by the worker.
        if not is_done and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            copy_own()
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """Remember whether the view has copied it by itself."""
        request.journals_itself = getattr(view, "journals_itself", False)  # type: ignore[attr-defined]
