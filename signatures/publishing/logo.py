"""Serves the logo of the organisation that runs the site."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from signatures.safeguarding.public_guards import reading_only


@reading_only
@cache_control(public=True, max_age=31_536_000, immutable=True)
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """Return the picture; its URL contains its digest.

    :raises Http404: if there is none, or it has another digest
    """
    if settings.SITE_LOGO is None or settings.SITE_LOGO.digest != digest:
        raise Http404
    return HttpResponse(settings.SITE_LOGO.content, content_type=settings.SITE_LOGO.content_type)
