"""Guards public addresses: no form is taken that another site sends, too many have to wait, and pages take none."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from modern_csrf.decorators import csrf_protect

from signatures.safeguarding.rate_limits import seconds_to_wait

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def public_form(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Check and count a form before the view is asked: a view that takes forms cannot do without either.

    Where it comes from is checked by Fetch metadata and Origin (W3C Fetch Metadata, RFC 6454) in place of Django's
    token. What another site sends is not counted, or that site could use up its visitors' limits. All else counts,
    whatever becomes of it. The view is given ``wait``, the seconds until the visitor's network may send a form again,
    0 where it may.
    """

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        wait = seconds_to_wait(request) if request.method == "POST" else 0
        return view(request, *args, wait=wait, **kwargs)

    # The exemption must stand outermost: Django's own middleware, which guards the admin, asks for it.
    guarded: Callable[..., HttpResponseBase] = csrf_protect(require_http_methods(["GET", "HEAD", "POST"])(counted))
    return csrf_exempt(guarded)


def reading_only(view: View) -> View:
    """Answer 405 to everything but GET and HEAD, before anybody asks where it came from: the view is never reached."""
    return csrf_exempt(require_safe(view))
