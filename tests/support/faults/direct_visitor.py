"""A visitor who calls the site as the web server does, for tests that call it from many threads."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.handlers.base import BaseHandler
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory


@cache
def handler() -> BaseHandler:
    """Return the site, made once for all threads as a web server does."""
    site = BaseHandler()
    site.load_middleware()
    return site


class DirectClient(Client):
    """Leaves out what Django's own test client keeps of every template, its threads' and all others'."""

    def post(self, path: str, data: Any = None, **extra: Any) -> HttpResponseBase:  # type: ignore[override]
        """Send a form and return the answer; an error of ours is an answer with 500."""
        request = RequestFactory(headers={"sec-fetch-site": "same-origin"}).post(path, data)
        return handler().get_response(request)
