"""Rejects request bodies that are too large before a byte of them is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase

from petition_site.errors import bad_request, error_page
from petition_site.middleware import ADMIN_PREFIX
from signatures.admin.access import is_let_in

# The one page that takes a photograph.
PICTURE_PAGE = re.compile(r"/admin/signatures/petition/[0-9]+/picture/")
FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}


class BodyLimitMiddleware:
    """Answers 413 if Content-Length exceeds BODY_BYTES_MAX, or PICTURE_BODY_BYTES_MAX where a picture is uploaded.

    A body of unknown length (``Transfer-Encoding: chunked``) needs no limit: Django does not read it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, or answer 413."""
        if body_length(request) > (
            settings.PICTURE_BODY_BYTES_MAX if _takes_picture(request) else settings.BODY_BYTES_MAX
        ):
            return error_page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponseBase | None:
        """Refuse a picture from a stranger before any layer reads a byte of it."""
        if body_length(request) and _takes_picture(request) and not is_let_in(request):
            return error_page(request, HTTPStatus.FORBIDDEN)
        return None


class WholeFormMiddleware:
    """Reads what is sent to the desk before the session: rights are those of the moment when the form is complete.

    Whoever sends slowly would else act with rights that were taken away meanwhile. Only the page that takes a
    photograph reads it after it has asked who sends it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Set the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Read the body of a form, and pass the request on."""
        if request.method == "POST" and request.path_info.startswith(ADMIN_PREFIX) and not _takes_picture(request):
            try:
                request.body  # noqa: B018 - it is kept by the request
            except RequestDataTooBig:
                # Nothing was read; whoever reads it is told so again.
                pass
            except UnreadablePostError:
                # A form that was cut off is an empty one from now on, which the layers below refuse as such.
                if request.content_type not in FORM_TYPES:
                    return bad_request(request)
        return self.get_response(request)


def _takes_picture(request: HttpRequest) -> bool:
    return PICTURE_PAGE.fullmatch(request.path_info) is not None


def body_length(request: HttpRequest) -> int:
    """Return the declared length of the body in bytes; gunicorn has checked that it is a number."""
    return int(request.META.get("CONTENT_LENGTH") or 0)
