"""A view behind the page cache of the process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from petition_site.page_cache import PageCacheMiddleware

PUBLIC = "public, max-age=2, s-maxage=5"
PATH = "/en/petitions/free/"


def public_page(body: str = "page") -> HttpResponse:
    """Return a response that may be cached."""
    return HttpResponse(body, headers={"Cache-Control": PUBLIC, "X-Made-By": "view", "Content-Language": "en"})


@dataclass
class CachedSite:
    """A view behind the cache that counts its calls."""

    make: Callable[[], HttpResponseBase] = public_page
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cache = PageCacheMiddleware(self.view)

    def view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and record the request."""
        self.asked.append(request.get_full_path())
        return self.make()

    def get(self, path: str = PATH, method: str = "GET", **meta: Any) -> Any:
        """Send a request through the cache."""
        return self.cache(RequestFactory().generic(method, path, **meta))
