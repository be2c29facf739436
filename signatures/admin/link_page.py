"""The page with all that passes a petition on: links, texts, QR codes, posters and a badge for other sites.

It is first shown when the petition has just been put online.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from signatures.admin.access import acting_on
from signatures.delivering.poster import PAPERS, poster_of
from signatures.languages import name_of
from signatures.links import absolute, petition_url
from signatures.models import Petition, TextVersion
from signatures.models.choices import Phase
from signatures.publishing.pictures import BADGE_SHOWN, qr_svg
from signatures.texts.invisible import in_one_line
from signatures.texts.petition_state import signing_period
from signatures.texts.starting_points import SHARING_NOTICE

QR_FILE = "qr.svg"
POSTER_FILES = {f"poster-{paper}.pdf": paper for paper in PAPERS}
# The picture alone is asked for: the site that shows it learns nothing here, and this one not on which page it stands.
SNIPPET = (
    '<a href="{url}"><img src="{badge}" alt="{title}" width="{width}" height="{height}"'
    ' loading="lazy" referrerpolicy="no-referrer"></a>'
)


@dataclass(frozen=True)
class SharedLink:
    """A petition's page in one language, ready to be passed on.

    :param language: of the text
    :param page_language: of the page, which differs where the site offers no language of the text
    :param text: a short text with the link at its end
    :param snippet: HTML with the badge, for other sites
    """

    language: str
    page_language: str
    name: str
    url: str
    qr: str
    card: str
    badge: str
    text: str
    snippet: str


@require_safe
@cache_control(no_store=True)
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the links of a public petition; lead to the checklist of one that is not public yet.

    :raises PermissionDenied: if the organiser may not see petitions
    """
    _organiser, petition = acting_on(request, "view_petition", pk, Petition.objects.all().with_phase())
    version = petition.text_versions.all().newest_first().first()
    if version is None or petition.phase == Phase.DRAFT:  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse("admin:petition_online", args=[pk]))
    is_new = "new" in request.GET
    context = {
        **admin.site.each_context(request),
        "title": gettext("It is online") if is_new else gettext("Link, QR and poster"),
        "petition": petition,
        "is_new": is_new,
        "when": signing_period(petition.phase, petition.opens_at, petition.closes_at),  # type: ignore[attr-defined]
        "links": [_shared(petition, version, language) for language in version.page_languages],
        "badge_width": BADGE_SHOWN[0],
        "badge_height": BADGE_SHOWN[1],
        "is_closed": petition.phase == Phase.CLOSED,  # type: ignore[attr-defined]
        "is_guarded": version.rules.asks_for_notices,
    }
    return render(request, "admin/link.html", context)


@require_safe
@cache_control(no_store=True)
def link_file(request: HttpRequest, pk: int, language: str, name: str) -> HttpResponse:
    """Return a file to print: the QR code of a public petition's page as lines, or a poster.

    :raises PermissionDenied: if the organiser may not see petitions
    :raises Http404: if there is no such file, or the petition is not public or not in this language
    """
    _organiser, petition = acting_on(request, "view_petition", pk, Petition.objects.all().with_phase())
    version = petition.text_versions.all().newest_first().first()
    is_public = version is not None and petition.phase != Phase.DRAFT  # type: ignore[attr-defined]
    if version is None or not is_public or language not in version.page_languages:
        raise Http404
    url = absolute(petition_url("petition", language, petition.slug))
    if name == QR_FILE:
        content, kind = qr_svg(url), "image/svg+xml"
    elif name in POSTER_FILES:
        # The paper around it is white.
        content, kind = poster_of(version, language, POSTER_FILES[name], qr_svg(url, border=0)), "application/pdf"
    else:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{petition.slug}-{language}-{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


def _shared(petition: Petition, version: TextVersion, language: str) -> SharedLink:
    body = version.body_in(language)
    url = absolute(petition_url("petition", language, petition.slug))
    with translation.override(body.language):
        sentences = [in_one_line(body.title), in_one_line(body.summary)]
        if version.rules.asks_for_notices:
            sentences = sentences[:1]
            sentences.append(in_one_line(body.sharing_notice) or gettext(SHARING_NOTICE))
        else:
            sentences.append(gettext("Sign here:"))
    badge = petition_url("badge", language, petition.slug)
    snippet = format_html(
        SNIPPET,
        url=url,
        badge=absolute(badge),
        title=sentences[0],
        width=str(BADGE_SHOWN[0]),
        height=str(BADGE_SHOWN[1]),
    )
    return SharedLink(
        language=body.language,
        page_language=language,
        name=name_of(language),
        url=url,
        qr=petition_url("qr", language, petition.slug),
        card=petition_url("card", language, petition.slug),
        badge=badge,
        text="\n".join([*sentences, url]),
        snippet=snippet,
    )
