"""The public list of names, a page at a time."""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from signatures.models import TextVersion
from signatures.safeguarding.cache_headers import reading_query
from signatures.safeguarding.countries import country_names
from signatures.safeguarding.public_guards import reading_only
from signatures.texts.petition_page import published_page
from signatures.texts.shown_version import version_to_show

SIGNERS_PER_PAGE = 100
# A signed number of eight bytes, as PostgreSQL's bigint.
PLACE = struct.Struct(">q")


@dataclass(frozen=True)
class SignerLine:
    """A public signer: the name, the country, and the reason if an organiser has approved it."""

    name: str
    country: str
    reason: str | None


def goes_on(request: HttpRequest) -> bool:
    """Return whether a request is for a page after the first; an invalid cursor leads to the first page."""
    return place_of(request.GET.get("after", "")) is not None


@reading_query(goes_on)
@reading_only
def signers(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """List the public names, a page at a time."""
    version = version_to_show(slug, language)
    start = place_of(request.GET.get("after", ""))
    rows, next_after = signers_page(version, language, start)
    context = {
        "page": published_page(version, language),
        "signers": rows,
        "next_after": next_after,
        "after": start is not None,
    }
    response = render(request, "publishing/signers.html", context)
    response.headers["X-Robots-Tag"] = "noindex, noarchive"
    if start is None:
        patch_cache_control(response, public=True, max_age=2, s_maxage=5)
    else:
        patch_cache_control(response, no_store=True)
    return response


def signers_page(version: TextVersion, language: str, after: int | None) -> tuple[list[SignerLine], str | None]:
    """Return a page of public signers and the cursor of the next page, if there is one.

    The most recently published names come first, in random order among themselves, which reveals nothing about when
    each of them signed.

    :param after: the place after which the page starts, or None for the first page
    """
    rows = version.petition.signatures.all().shown(version.rules)
    if after is not None:
        rows = rows.filter(place__lt=after)
    found = list(rows.values("place", "name", "country", "reason", "reason_approved")[: SIGNERS_PER_PAGE + 1])
    page = found[:SIGNERS_PER_PAGE]
    names = country_names(language)
    lines = [
        SignerLine(row["name"] or "", names.get(row["country"], ""), row["reason"] if row["reason_approved"] else None)
        for row in page
    ]
    return lines, cursor_of(page[-1]["place"] or 0) if len(found) > SIGNERS_PER_PAGE else None


def cursor_of(place: int) -> str:
    """Encode a place in the list for use in a URL."""
    return base64.urlsafe_b64encode(PLACE.pack(place)).decode().rstrip("=")


def place_of(cursor: str) -> int | None:
    """Decode a cursor, or return None if it is invalid."""
    try:
        (place,) = PLACE.unpack(base64.b64decode(f"{cursor}=", altchars="-_", validate=True))
    except (binascii.Error, struct.error, ValueError):
        return None
    # The last letter has unused bits; only the canonical cursor of a place is accepted.
    return int(place) if cursor_of(place) == cursor else None
