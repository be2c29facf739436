"""Refuses forms that another site sends, without a cookie, and every form where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from modern_csrf.decorators import csrf_protect

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def same_origin_only(view: View) -> View:
    """Check a public form by Fetch metadata and Origin (W3C Fetch Metadata, RFC 6454) in place of Django's token.

    The exemption must stand outermost: Django's own middleware, which guards the admin, asks for it.
    """
    return cast("View", csrf_exempt(csrf_protect(view)))


def reading_only(view: View) -> View:
    """Answer 405 to everything but GET and HEAD, before anybody asks where it came from: the view is never reached."""
    return csrf_exempt(require_safe(view))
