"""Counts every answer for the metrics."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from signatures.operating.request_counts import count_answer, route_of
from signatures.safeguarding.proxy_warnings import MONITORING_PATH


class CountingMiddleware:
    """Counts answers by route and status, and their times; as the outermost layer it sees all that Django answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, and count its answer."""
        begun = time.monotonic()
        response = self.get_response(request)
        # Monitoring asks all the time.
        if not request.path_info.startswith(MONITORING_PATH):
            count_answer(route_of(request), response.status_code, time.monotonic() - begun)
        return response
