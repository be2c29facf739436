"""Serves the pictures of a petition that others may show: share picture, QR code and badge."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control

from signatures.counting.published import published_numbers
from signatures.counting.rule_of_ten import CELL_MIN
from signatures.links import absolute, petition_url
from signatures.models import Picture, TextVersion
from signatures.models.choices import Phase
from signatures.publishing.header_pictures import SHARED_KEEP
from signatures.publishing.pictures import badge_png, card_png, qr_png
from signatures.safeguarding.public_guards import reading_only
from signatures.texts.petition_state import signing_period
from signatures.texts.shown_version import version_to_show

# Seconds.
PICTURE_MAX_AGE = 3600
MOVABLE_MAX_AGE = 60
PNG = "image/png"


@reading_only
def card(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Return the picture that other sites show beside a link to the petition."""
    version = version_to_show(slug, language)
    body = version.body_in(language)
    by = _("Run by %(body)s.") % {"body": body.responsible_body}
    photograph = Picture.objects.filter(petition=version.petition).values_list("card", flat=True).first() or b""
    site = urlsplit(settings.SITE_ORIGIN).netloc
    drawn = card_png(body.title, by, site, _notice(version), bytes(photograph))
    response = _shared(HttpResponse(drawn, content_type=PNG))
    seconds = _seconds_true(version)
    # A photograph that is removed is soon gone from here, too.
    shared = min(seconds, SHARED_KEEP) if photograph else seconds
    patch_cache_control(response, public=True, max_age=seconds, s_maxage=shared)
    return response


def _notice(version: TextVersion) -> str:
    """Return the picture's sentence for a petition that can't be signed now, or "" if it can."""
    if version.phase == Phase.CLOSED:
        return _("This petition is closed and takes no more signatures.")
    if version.phase == Phase.UPCOMING:
        return signing_period(version.phase, version.petition.opens_at, None)
    return _counted(version) if version.rules.count_is_live else ""


def _counted(version: TextVersion) -> str:
    """Return how many have signed and by which day, since other sites keep the picture; "" for fewer than ten."""
    count = _count(version)
    if count is None:
        return ""
    return ngettext("%(number)s signature by %(day)s", "%(number)s signatures by %(day)s", count) % {
        "number": number_format(count, force_grouping=True),
        "day": date_format(datetime.now(UTC), "DATE_FORMAT"),
    }


def _count(version: TextVersion) -> int | None:
    """Return the published count, or None for fewer than ten."""
    count = published_numbers(version.petition, version.rules).count
    return count if count is not None and count >= CELL_MIN else None


def _seconds_true(version: TextVersion) -> int:
    """Return how many seconds the picture may be cached: never beyond the moment when the petition opens or closes."""
    if version.phase == Phase.CLOSED:
        return PICTURE_MAX_AGE
    changes_at = version.petition.opens_at if version.phase == Phase.UPCOMING else version.petition.closes_at
    # The hour that it shows may still be changed, and the number moves.
    moves = version.phase == Phase.UPCOMING or version.rules.count_is_live
    longest = MOVABLE_MAX_AGE if moves else PICTURE_MAX_AGE
    left = longest if changes_at is None else int((changes_at - datetime.now(UTC)).total_seconds())
    return max(0, min(longest, left))


@reading_only
@cache_control(public=True, max_age=PICTURE_MAX_AGE, s_maxage=PICTURE_MAX_AGE)
def qr(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Return a QR code that leads to the petition, to be printed."""
    version: TextVersion = version_to_show(slug, language)
    address = absolute(petition_url("petition", language, version.petition.slug))
    return _shared(HttpResponse(qr_png(address), content_type=PNG))


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def badge(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Return a small picture with the published count, for other sites to show with a link to the petition."""
    version = version_to_show(slug, language)
    count = None if version.phase == Phase.UPCOMING else _count(version)
    figure, words = "", _("Fewer than ten so far")
    if version.phase == Phase.UPCOMING:
        words = signing_period(version.phase, version.petition.opens_at, None)
    elif count is not None:
        figure = number_format(count, force_grouping=True)
        words = ngettext("person has signed", "people have signed", count)
    foot = str(Phase.CLOSED.label) if version.phase == Phase.CLOSED else urlsplit(settings.SITE_ORIGIN).netloc
    drawn = badge_png(version.body_in(language).title, figure, words, foot)
    return _shared(HttpResponse(drawn, content_type=PNG))


def _shared(response: HttpResponse) -> HttpResponse:
    # Other sites may embed these three, and nothing else.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
