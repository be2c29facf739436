"""What the emergency switches do to requests, in one place for all addresses, those of later pages included."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from petition_site.errors import error_page, read_fields
from petition_site.kept_form import kept_fields
from petition_site.middleware import ADMIN_PREFIX
from signatures.models.switch import SwitchName
from signatures.safeguarding.proxy_warnings import MONITORING_PATH
from signatures.safeguarding.switches import (
    NothingTakenError,
    SwitchesUnknownError,
    ensure_known,
    mark,
    on_for,
    switched_on,
)

GetResponse = Callable[[HttpRequest], HttpResponseBase]
# Nothing there depends on a switch, and monitoring must not depend on the database.
NEVER_SWITCHED = (MONITORING_PATH, "/static/")
# What stays while the site is closed: the desk, whom to tell of faults, where copies are, and the logo on the one page.
STILL_THERE = (ADMIN_PREFIX, MONITORING_PATH, "/.well-known/", "/logo/")
# What is taken at the desk while nothing is: whatever an emergency needs, and nothing that changes a petition.
STILL_TAKEN = (
    "/admin/switches/",
    "/admin/login/",
    "/admin/logged-in/",
    "/admin/logout/",
    "/admin/account/",
    "/admin/password_change/",
    "/admin/set-password/",
    "/admin/second-factor/",
    "/admin/sessions/",
    "/admin/signatures/organiser/",
    "/admin/signatures/auditentry/",
)
CLOSED_SECONDS = 3600
# What Django looks for before it logs a response as an error.
LOGGED = "_has_been_logged"
NOTHING_TAKEN_SECONDS = 600


class SwitchesMiddleware:
    """Asks once which switches hold for a request; stands before the page cache, which keeps pages for each state."""

    def __init__(self, get_response: GetResponse) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        if not request.path_info.startswith(NEVER_SWITCHED):
            try:
                mark(request, switched_on())
            except SwitchesUnknownError:
                # Refused where the view is known: a form that was sent is shown again with what was typed.
                mark(request, None)
        return self.get_response(request)


class ClosedMiddleware:
    """Shows one page in place of all public ones while the site is closed."""

    def __init__(self, get_response: GetResponse) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 503, or pass the request on."""
        if SwitchName.CLOSED not in on_for(request) or request.path_info.startswith(STILL_THERE):
            return self.get_response(request)
        return _switched_off(request, SwitchName.CLOSED, CLOSED_SECONDS)


class NothingTakenMiddleware:
    """Refuses forms while nothing is taken, and keeps what was typed; the innermost layer."""

    def __init__(self, get_response: GetResponse) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Answer 503 to a form of the desk, unless an emergency may need it; its token has been checked.

        :raises SwitchesUnknownError: if it is not known what is switched off, which is answered as an outage
        """
        ensure_known(request)
        path = request.path_info
        if request.method != "POST" or not path.startswith(ADMIN_PREFIX) or path.startswith(STILL_TAKEN):
            return None
        if SwitchName.READ_ONLY not in on_for(request):
            return None
        return _switched_off(request, SwitchName.READ_ONLY, NOTHING_TAKEN_SECONDS, at_the_desk=True)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 503 to a public form, with what was typed."""
        if not isinstance(exception, NothingTakenError):
            return None
        fields = read_fields(kept_fields, request)
        return _switched_off(request, SwitchName.READ_ONLY, NOTHING_TAKEN_SECONDS, kept_fields=fields)


def _switched_off(request: HttpRequest, name: SwitchName, seconds: int, **context: Any) -> HttpResponse:
    response = error_page(request, HTTPStatus.SERVICE_UNAVAILABLE, switch=name.value, **context)
    response.headers["Retry-After"] = str(seconds)
    # Nobody needs a line of the log for each visitor of a site that was closed on purpose.
    setattr(response, LOGGED, True)
    return response
