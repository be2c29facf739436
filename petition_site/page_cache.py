"""Caches rendered public pages in the process for two seconds, as plain and compressed bytes."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags

from petition_site.middleware import ADMIN_PREFIX
from signatures.models.switch import SwitchName
from signatures.safeguarding.cache_headers import depends_on_query, may_be_shown_again
from signatures.safeguarding.networks import came_through_onion
from signatures.safeguarding.switches import on_for

LIFETIME_SECONDS = 2.0
# How long a trusted proxy may serve a stale page while one request renews it; no longer, since pages contain names, and
# somebody may have withdrawn.
RENEWAL_SECONDS = 1
PAGES_MAX = 1000
COMPRESSION_LEVEL = 6
PageKey = tuple[bool, bool, str, frozenset[SwitchName]]  # over https?, through onion?, path, switches that are on
# A 304 repeats all headers but these, since different values would replace them in the visitor's cache.
OF_BODY = {"Content-Type", "Content-Length", "Content-Encoding"}
TAG_BYTES = 16


def is_public(response: HttpResponseBase) -> bool:
    """Return whether shared caches may store a response."""
    return "s-maxage" in response.headers.get("Cache-Control", "")


def entity_tag(content: bytes) -> str:
    """Return the weak ETag of a page, a hash of its content.

    It depends only on the bytes that everybody gets, so it reveals nothing that the page does not, is the same in all
    processes, and cannot track a visitor. It is weak, since the page is sent plain and compressed.
    """
    return f'W/"{hashlib.sha256(content).hexdigest()[: 2 * TAG_BYTES]}"'


def has_it(request: HttpRequest, tag: str | None) -> bool:
    """Return whether If-None-Match shows that the visitor already has the page with this ETag."""
    asked = request.META.get("HTTP_IF_NONE_MATCH", "")
    if tag is None or not asked:
        return False
    return "*" in (tags := parse_etags(asked)) or tag.removeprefix("W/") in {one.removeprefix("W/") for one in tags}


def not_modified(headers: Mapping[str, str]) -> HttpResponseBase:
    """Return a 304 response for a visitor who already has the page."""
    return HttpResponseNotModified(headers={name: value for name, value in headers.items() if name not in OF_BODY})


@dataclass
class CachedPage:
    """A complete response, including the headers added by inner middleware."""

    body: bytes
    body_gzip: bytes
    headers: dict[str, str]
    expires: float
    match: ResolverMatch | None = None
    renewal: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, response: HttpResponse, begun: float, match: ResolverMatch | None = None) -> CachedPage:
        """Convert a rendered response to a cached page.

        :param begun: when rendering began, by the monotonic clock: the page's content may be as old as that
        :param match: the route that rendered it
        """
        patch_vary_headers(response, ["Accept-Encoding"])
        if is_public(response):
            if settings.TRUSTED_PROXIES:
                patch_cache_control(response, stale_while_revalidate=RENEWAL_SECONDS)
            response.headers["ETag"] = entity_tag(response.content)
        headers = {name: value for name, value in response.items() if name != "Content-Length"}
        body_gzip = gzip.compress(response.content, COMPRESSION_LEVEL, mtime=0)
        return cls(response.content, body_gzip, headers, begun + LIFETIME_SECONDS, match)

    def is_fresh(self) -> bool:
        """Return whether the page may still be served."""
        return time.monotonic() < self.expires

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """Return the page for a request, or 304 if the visitor already has it (RFC 9110)."""
        # For those who count answers by route: a page from memory is not resolved again.
        request.resolver_match = self.match
        if has_it(request, self.headers.get("ETag")):
            return not_modified(self.headers)
        if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
            response = HttpResponse(self.body_gzip, headers=self.headers)
            response.headers["Content-Encoding"] = "gzip"
        else:
            response = HttpResponse(self.body, headers=self.headers)
        response.headers["Content-Length"] = str(len(response.content))
        return response


class PageCacheMiddleware:
    """Serves pages that are the same for everybody from memory; unknown query strings are ignored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Start with an empty cache."""
        self.get_response = get_response
        self.pages: dict[PageKey, CachedPage] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer from memory, or let one thread render an expired page again."""
        if request.method not in {"GET", "HEAD"} or _depends_on_query(request):
            return self.get_response(request)
        if not request.path_info.startswith(ADMIN_PREFIX):
            # What a view reads without saying so would be served to others who asked for something else.
            request.GET = QueryDict()
        # Raises for an invalid Host, which is refused here as everywhere else.
        request.get_host()
        # Onion visitors get a page over plain http, where others get a redirect.
        key = (request.is_secure(), came_through_onion(request), request.path_info, on_for(request))
        page = self.pages.get(key)
        if page is None:
            return self.renew(key, request)
        if not page.is_fresh():
            with page.renewal:
                page = self.pages.get(key)
                if page is None or not page.is_fresh():
                    return self.renew(key, request)
        return page.answer(request)

    def renew(self, key: PageKey, request: HttpRequest) -> HttpResponseBase:
        """Render the page, and cache it if that is allowed."""
        begun = time.monotonic()
        response = self.get_response(request)
        if (
            not isinstance(response, HttpResponse)
            or response.status_code != HTTPStatus.OK
            or response.cookies
            or not may_be_shown_again(response)
        ):
            self.pages.pop(key, None)
            return response
        if len(self.pages) >= PAGES_MAX:
            self.pages.clear()
        page = self.pages[key] = CachedPage.of(response, begun, request.resolver_match)
        return page.answer(request)


def _depends_on_query(request: HttpRequest) -> bool:
    """Return whether the view of a request depends on the query string."""
    if not request.META.get("QUERY_STRING"):
        return False
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return depends_on_query(view, request)
