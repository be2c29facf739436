"""Middleware for transport security, and for the language of a response."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import escape_uri_path

from signatures.languages import offered, site_languages
from signatures.safeguarding.networks import came_through_onion
from signatures.safeguarding.proxy_warnings import ProxyFault, proxy_faults, refute_proxy, refuted_faults, report_proxy
from signatures.safeguarding.sessions import SessionStore
from signatures.safeguarding.user_agents import browser_of
from signatures.texts.shown_version import OtherLanguageError

ADMIN_PREFIX = "/admin/"
# Addresses below it carry a token, which no other page may be told of: neither by these pages nor by their errors.
TOKEN_PREFIX = "/admin/set-password/"  # noqa: S105 - a path
REPORT_SECONDS = 60.0
# 304 is not a redirect: it leaves the cached headers in place.
REDIRECTS = set(range(HTTPStatus.MULTIPLE_CHOICES, HTTPStatus.BAD_REQUEST)) - {HTTPStatus.NOT_MODIFIED}
RIGHT_SECONDS = 600.0
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
# Browser features that our pages do not use, and injected scripts must not.
UNUSED_FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
GetResponse = Callable[[HttpRequest], HttpResponseBase]


def path_language(request: HttpRequest) -> str | None:
    """Return the language code that the path begins with, or None."""
    segment, slash, _rest = request.path_info[1:].partition("/")
    return segment if slash and segment in site_languages() else None


def path_in(language: str, request: HttpRequest) -> str:
    """Return the path of the requested page in another language; its own path must begin with one."""
    return f"/{language}/{request.path_info[1:].partition('/')[2]}"


class ProxyMiddleware:
    """Reports reverse proxies that do not match the settings, each fault at most once a minute per process.

    A fault that a request has refuted is not reported by any process for a day: a visitor can fake a fault, while a
    misconfigured proxy causes it in every request. This runs before the page cache, or it would hardly see a request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Start without any reports."""
        self.get_response = get_response
        self.quiet_until: dict[ProxyFault, float] = {}
        self.reported: set[ProxyFault] = set()
        # A process that has just started need not repeat what others have refuted already.
        self.refuted_until = dict.fromkeys(ProxyFault, time.monotonic() + REPORT_SECONDS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Check the request for faults and pass it on."""
        now = time.monotonic()
        for fault in proxy_faults(request):
            if now >= self.quiet_until.get(fault, 0.0):
                self.quiet_until[fault] = now + REPORT_SECONDS
                self.reported.add(fault)
                report_proxy(fault)
        self.refute(refuted_faults(request), now)
        return self.get_response(request)

    def refute(self, faults: frozenset[ProxyFault], now: float) -> None:
        """Refute at once what this process reported, and every ten minutes what others may have reported."""
        due = {fault for fault in faults if fault in self.reported or now >= self.refuted_until[fault]}
        for fault in faults:
            self.quiet_until[fault] = now + RIGHT_SECONDS
        if due:
            self.reported -= due
            self.refuted_until |= dict.fromkeys(due, now + RIGHT_SECONDS)
            refute_proxy(due)


class KnownMethodsMiddleware:
    """Rejects unused HTTP methods: the admin would answer TRACE, or an invented method, like GET."""

    def __init__(self, get_response: GetResponse) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, or answer 405."""
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return self.get_response(request)


class HttpsMiddleware(SecurityMiddleware):
    """Redirects to https, except at onion listeners, where the transport is already encrypted."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:  # type: ignore[override]
        """Return a redirect to https, or None if the request may pass."""
        return None if came_through_onion(request) else super().process_request(request)


class FixedHeadersMiddleware:
    """Adds fixed headers to every response, errors and static files included: only counting lies further out."""

    def __init__(self, get_response: GetResponse) -> None:
        """Build the headers once."""
        self.get_response = get_response
        self.headers = {
            HEADER: build_policy(),
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the headers, except those that the view has set itself."""
        response = self.get_response(request)
        if request.path_info.startswith(TOKEN_PREFIX):
            response.headers["Referrer-Policy"] = "strict-origin"
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        if response.status_code in REDIRECTS:
            # The target of a redirect may contain a code or a token.
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class LanguageMiddleware:
    """Takes the language of a public page only from its path, so that caches can rely on it."""

    def __init__(self, get_response: GetResponse) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Activate the language of the path, or else the site's default, and pass the request on."""
        language = path_language(request) or settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class OtherLanguageMiddleware:
    """Redirects from a language that a petition does not have to the same page in one that it has.

    A form is forwarded unchanged, so that nobody has to type it twice.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the redirect for an OtherLanguageError; uncached, since the next text may have the language."""
        if not isinstance(exception, OtherLanguageError):
            return None
        query = request.META.get("QUERY_STRING", "")
        path = escape_uri_path(path_in(exception.language, request)) + (f"?{query}" if query else "")
        response = HttpResponseRedirect(path, preserve_request=request.method not in {"GET", "HEAD"})
        response.headers["Cache-Control"] = "no-store"
        return response


class CookielessMiddleware:
    """Hides cookies from all pages but the admin, so that no public page can answer with one."""

    def __init__(self, get_response: GetResponse) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Drop the cookies of a request for a public page, and pass it on."""
        if not request.path_info.startswith(ADMIN_PREFIX):
            request.META.pop("HTTP_COOKIE", None)
        return self.get_response(request)


class BrowserSessionMiddleware(SessionMiddleware):
    """Django's sessions, with the name of the browser for the list of one's own."""

    def process_request(self, request: HttpRequest) -> None:
        """Give the request its session, without reading it yet."""
        browser = browser_of(request.headers.get("user-agent", ""))
        request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME), browser)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Lead to the login where the session was ended while its request was under way."""
        if not isinstance(exception, UpdateError):
            return None
        request.session.flush()
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))


class OrganiserLanguageMiddleware:
    """Answers admin requests in the language of the organiser's account, or else of the browser."""

    def __init__(self, get_response: GetResponse) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Activate the organiser's language for admin pages, and pass the request on."""
        if not request.path_info.startswith(ADMIN_PREFIX):
            return self.get_response(request)
        chosen = getattr(request.user, "language", "")
        language = offered(chosen) if chosen else translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
