"""The page with a petition's links, QR codes and texts to share, first shown when it has just been put online."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from signatures.admin.access import acting_on
from signatures.languages import name_of
from signatures.links import absolute, petition_url
from signatures.models import Petition, TextVersion
from signatures.models.choices import Phase
from signatures.texts.invisible import in_one_line
from signatures.texts.petition_state import signing_period
from signatures.texts.starting_points import SHARING_NOTICE


@dataclass(frozen=True)
class SharedLink:
    """A petition's page in one language, ready to be passed on.

    :param text: a short text with the link at its end
    """

    language: str
    name: str
    url: str
    qr: str
    card: str
    text: str


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
        "title": gettext("It is online") if is_new else gettext("Link and QR"),
        "petition": petition,
        "is_new": is_new,
        "when": signing_period(petition.phase, petition.opens_at, petition.closes_at),  # type: ignore[attr-defined]
        "links": [_shared(petition, version, language) for language in version.page_languages],
    }
    return render(request, "admin/link.html", context)


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
    return SharedLink(
        language=body.language,
        name=name_of(language),
        url=url,
        qr=petition_url("qr", language, petition.slug),
        card=petition_url("card", language, petition.slug),
        text="\n".join([*sentences, url]),
    )
