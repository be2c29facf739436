"""The picture and the QR code of a petition, for passing it on."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from signatures.links import absolute, petition_url
from signatures.models import TextVersion
from signatures.publishing.pictures import card_png, qr_png
from signatures.safeguarding.origins import reading_only
from signatures.texts.pages import newest_version

PICTURE_MAX_AGE = 3600
PNG = "image/png"


@reading_only
@cache_control(public=True, max_age=PICTURE_MAX_AGE, s_maxage=PICTURE_MAX_AGE)
def card(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Return the picture that other sites show beside a link to the petition."""
    version = newest_version(slug)
    body = version.bodies.get(language=language)
    by = _("Run by %(body)s.") % {"body": body.responsible_body}
    return _shared(HttpResponse(card_png(body.title, by, urlsplit(settings.SITE_ORIGIN).netloc), content_type=PNG))


@reading_only
@cache_control(public=True, max_age=PICTURE_MAX_AGE, s_maxage=PICTURE_MAX_AGE)
def qr(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Return a QR code that leads to the petition, to be printed."""
    version: TextVersion = newest_version(slug)
    address = absolute(petition_url("petition", language, version.petition.slug))
    return _shared(HttpResponse(qr_png(address), content_type=PNG))


def _shared(response: HttpResponse) -> HttpResponse:
    # Other sites may show these two, and nothing else of ours.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
