"""A thread-safe test client that calls the site as the web server does."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.handlers.base import BaseHandler
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory


@cache
def handler() -> BaseHandler:
    """Return the site's request handler, created once for all threads as in a web server."""
    site = BaseHandler()
    site.load_middleware()
    return site


class DirectClient(Client):
    """A client that doesn't record rendered templates, as Django's does across all threads."""

    def post(self, path: str, data: Any = None, **extra: Any) -> HttpResponseBase:  # type: ignore[override]
        """Submit a form and return the response; an exception becomes a response with status 500."""
        request = RequestFactory(headers={"sec-fetch-site": "same-origin"}).post(path, data)
        return handler().get_response(request)
