"""Transport security, and the language in which a request is answered."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.utils import translation
from django.utils.encoding import escape_uri_path

from signatures.languages import offered, site_languages
from signatures.safeguarding.networks import came_through_onion
from signatures.safeguarding.proxy_warnings import ProxyFault, proxy_faults, refute_proxy, refuted_faults, report_proxy
from signatures.texts.shown_version import OtherLanguageError

ADMIN_PREFIX = "/admin/"
REPORT_SECONDS = 60.0
# 304 is none: it leaves in place what it was kept with.
REDIRECTS = set(range(HTTPStatus.MULTIPLE_CHOICES, HTTPStatus.BAD_REQUEST)) - {HTTPStatus.NOT_MODIFIED}
RIGHT_SECONDS = 600.0
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
# What no page of ours uses, and no injected script shall.
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
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
GetResponse = Callable[[HttpRequest], HttpResponseBase]


def path_language(request: HttpRequest) -> str | None:
    """Return the language that the path begins with, or None."""
    segment, slash, _rest = request.path_info[1:].partition("/")
    return segment if slash and segment in site_languages() else None


def path_in(language: str, request: HttpRequest) -> str:
    """Return the path of the page that was asked for in another language; its own begins with one."""
    return f"/{language}/{request.path_info[1:].partition('/')[2]}"


class ProxyMiddleware:
    """Reports reverse proxies that are not as the settings say, each fault at most once a minute in a process.

    What a request has refuted no process reports for a day: a visitor can pretend a fault, while proxies that are wrong
    are so with every request. It stands before the page cache, or it would hardly see a request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response
        self.quiet_until: dict[ProxyFault, float] = {}
        self.reported: set[ProxyFault] = set()
        # A process that has just begun need not be the first to say what others have said.
        self.refuted_until = dict.fromkeys(ProxyFault, time.monotonic() + REPORT_SECONDS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look at the request and pass it on."""
        now = time.monotonic()
        for fault in proxy_faults(request):
            if now >= self.quiet_until.get(fault, 0.0):
                self.quiet_until[fault] = now + REPORT_SECONDS
                self.reported.add(fault)
                report_proxy(fault)
        self.refute(refuted_faults(request), now)
        return self.get_response(request)

    def refute(self, faults: frozenset[ProxyFault], now: float) -> None:
        """Take back what was reported here at once, and every ten minutes what other processes may have reported."""
        due = {fault for fault in faults if fault in self.reported or now >= self.refuted_until[fault]}
        for fault in faults:
            self.quiet_until[fault] = now + RIGHT_SECONDS
        if due:
            self.reported -= due
            self.refuted_until |= dict.fromkeys(due, now + RIGHT_SECONDS)
            refute_proxy(due)


class KnownMethodsMiddleware:
    """Refuses methods that no page knows: the desk would answer TRACE, and anything made up, as if it were GET."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on if its method is one of ours."""
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return self.get_response(request)


class HttpsMiddleware(SecurityMiddleware):
    """Redirects to https, save visitors of an onion listener, whose transport is already encrypted."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:  # type: ignore[override]
        """Return a redirect where one is due."""
        return None if came_through_onion(request) else super().process_request(request)


class FixedHeadersMiddleware:
    """Sends the headers that are the same on every answer; it stands outermost, so that errors and files have them."""

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
        """Answer with the headers; a view may have set one of them to something else."""
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        if response.status_code in REDIRECTS:
            # The address that a redirect names may hold a code or a token.
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class LanguageMiddleware:
    """Takes the language of a public page from its path alone, so that caches can rely on it."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the language of the path, else in the site's default."""
        language = path_language(request) or settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class OtherLanguageMiddleware:
    """Leads from a petition's page in a language that it does not have to the same page in one that it has.

    A form is sent there as it is: nobody types it twice.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the redirect, if that is what stopped the view; no cache keeps it, since the next text may differ."""
        if not isinstance(exception, OtherLanguageError):
            return None
        query = request.META.get("QUERY_STRING", "")
        path = escape_uri_path(path_in(exception.language, request)) + (f"?{query}" if query else "")
        response = HttpResponseRedirect(path, preserve_request=request.method not in {"GET", "HEAD"})
        response.headers["Cache-Control"] = "no-store"
        return response


class CookielessMiddleware:
    """Hides cookies from everything but the admin: whatever a visitor sends, no public page answers with one."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Drop the cookies of a request for a public page."""
        if not request.path_info.startswith(ADMIN_PREFIX):
            request.META.pop("HTTP_COOKIE", None)
        return self.get_response(request)


class OrganiserLanguageMiddleware:
    """Answers the admin in the language of the organiser's account, else in the browser's."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Switch the language for the addresses of the admin."""
        if not request.path_info.startswith(ADMIN_PREFIX):
            return self.get_response(request)
        chosen = getattr(request.user, "language", "")
        language = offered(chosen) if chosen else translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers["Content-Language"] = language
        return response
