"""Keeps rendered public pages for two seconds in the process, as bytes, plain and compressed."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags

from signatures.safeguarding.cache_headers import depends_on_query, may_be_shown_again
from signatures.safeguarding.networks import came_through_onion

LIFETIME_SECONDS = 2.0
# For so long a proxy of ours may serve the old page to the crowd while one visitor fetches the new one, and no longer:
# pages hold names, and somebody may have withdrawn.
RENEWAL_SECONDS = 1
PAGES_MAX = 1000
COMPRESSION_LEVEL = 6
PageKey = tuple[bool, bool, str]  # over https?, through onion?, path
# A 304 repeats all headers but these: whatever it had otherwise would take their place in the visitor's cache.
OF_BODY = {"Content-Type", "Content-Length", "Content-Encoding"}
TAG_BYTES = 16


def is_public(response: HttpResponseBase) -> bool:
    """Return whether everybody's caches may keep an answer."""
    return "s-maxage" in response.headers.get("Cache-Control", "")


def entity_tag(content: bytes) -> str:
    """Return what changes with a page, and with nothing else.

    It follows from the bytes that everybody is sent, so that it tells nothing that the page does not, is the same in
    all processes, and is no mark of a visitor. Weak, since the page is sent plain and compressed.
    """
    return f'W/"{hashlib.sha256(content).hexdigest()[: 2 * TAG_BYTES]}"'


def has_it(request: HttpRequest, tag: str | None) -> bool:
    """Return whether a visitor asks for a page only in case it is not the one with this tag."""
    asked = request.META.get("HTTP_IF_NONE_MATCH", "")
    if tag is None or not asked:
        return False
    return "*" in (tags := parse_etags(asked)) or tag.removeprefix("W/") in {one.removeprefix("W/") for one in tags}


def not_modified(headers: Mapping[str, str]) -> HttpResponseBase:
    """Return the answer to who has the page already."""
    return HttpResponseNotModified(headers={name: value for name, value in headers.items() if name not in OF_BODY})


@dataclass
class CachedPage:
    """A finished answer with every header that the other middleware gave it."""

    body: bytes
    body_gzip: bytes
    headers: dict[str, str]
    expires: float
    renewal: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, response: HttpResponse, begun: float) -> CachedPage:
        """Keep a rendered response.

        :param begun: when rendering began, by the monotonic clock: what the page says may be as old as that
        """
        patch_vary_headers(response, ["Accept-Encoding"])
        if is_public(response):
            if settings.TRUSTED_PROXIES:
                patch_cache_control(response, stale_while_revalidate=RENEWAL_SECONDS)
            response.headers["ETag"] = entity_tag(response.content)
        headers = {name: value for name, value in response.items() if name != "Content-Length"}
        body_gzip = gzip.compress(response.content, COMPRESSION_LEVEL, mtime=0)
        return cls(response.content, body_gzip, headers, begun + LIFETIME_SECONDS)

    def is_fresh(self) -> bool:
        """Return whether the page may still be shown."""
        return time.monotonic() < self.expires

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """Return the page for one visitor, or 304 where the visitor has it already (RFC 9110)."""
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
    """Answers from memory what is the same for everybody; query strings neither vary nor reach it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Begin with nothing kept."""
        self.get_response = get_response
        self.pages: dict[PageKey, CachedPage] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer from memory, or let one thread make the page anew."""
        if request.method not in {"GET", "HEAD"} or _depends_on_query(request):
            return self.get_response(request)
        # A wrong Host is refused here as everywhere else.
        request.get_host()
        # What an onion visitor is shown over plain http, others are redirected from.
        key = (request.is_secure(), came_through_onion(request), request.path_info)
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
        """Make the page, and keep it if it may be kept."""
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
        page = self.pages[key] = CachedPage.of(response, begun)
        return page.answer(request)


def _depends_on_query(request: HttpRequest) -> bool:
    """Return whether the route that a request leads to reads what stands in the query."""
    if not request.META.get("QUERY_STRING"):
        return False
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return depends_on_query(view, request)
