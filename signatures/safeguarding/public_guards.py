"""Guards public views: rejects forms sent by other sites, counts forms for the limits, and rejects POST elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from modern_csrf.decorators import csrf_protect

from signatures.models.switch import SwitchName
from signatures.safeguarding.rate_limits import seconds_to_wait
from signatures.safeguarding.switches import NothingTakenError, on_for

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def public_form(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Check the origin of a form and count it before the view runs; every view that accepts forms needs both.

    The origin is checked by Fetch metadata and Origin (W3C Fetch Metadata, RFC 6454) instead of Django's token. Forms
    from another site are not counted, or that site could use up its visitors' limits. All others count, valid or not.
    While a switch says that nothing is taken the view never sees a form, and nothing is counted.
    The view receives ``wait``, the seconds until the visitor's network may send a form again, or 0 if it may now.
    """

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # After the check of the origin: what is shown again for sending later must have been typed here.
        if request.method == "POST" and SwitchName.READ_ONLY in on_for(request):
            raise NothingTakenError
        wait = seconds_to_wait(request) if request.method == "POST" else 0
        return view(request, *args, wait=wait, **kwargs)

    # The exemption must be the outermost decorator: Django's own middleware, which guards the admin, looks there.
    guarded: Callable[..., HttpResponseBase] = csrf_protect(require_http_methods(["GET", "HEAD", "POST"])(counted))
    return csrf_exempt(guarded)


def reading_only(view: View) -> View:
    """Answer 405 to everything but GET and HEAD, without any check of the origin, since the view never runs."""
    return csrf_exempt(require_safe(view))
