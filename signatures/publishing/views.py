"""The public pages besides the petition itself."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import cache_control

from signatures.journaling.files import days_noted
from signatures.languages import read_by, site_languages
from signatures.links import petition_url
from signatures.mailing.sending import GIVE_UP_AFTER
from signatures.models import NewsSubscriber, Petition
from signatures.models.attempt import LIFETIME
from signatures.models.signature import DOMAIN_MARK_LIFETIME
from signatures.publishing.deliveries import PROOF_TYPES, TYPED_MAX, check_digest, delivery_entries, proof_file
from signatures.publishing.petition_list import coming_erasures, petition_cards
from signatures.safeguarding.cache_headers import reading_query
from signatures.safeguarding.public_guards import reading_only
from signatures.safeguarding.rate_limits import seconds_to_wait
from signatures.texts.petition_page import published_page
from signatures.texts.shown_version import version_to_show

NUMBER_MAX = 2**63 - 1
# A later page would take reading all those before it.
LIST_PAGES_MAX = 1000


@reading_only
def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the only public petition, or to the list, in the browser's language."""
    tags = [tag for tag, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    only = Petition.objects.listed().only_one()
    if only is None:
        path = reverse("petition_list", kwargs={"language": read_by(tags, site_languages())})
    else:
        slug, languages = only
        path = petition_url("petition", read_by(tags, languages), slug)
    response = HttpResponseRedirect(path)
    patch_vary_headers(response, ["Accept-Language"])
    patch_cache_control(response, public=True, max_age=2)
    return response


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def petition_list(request: HttpRequest, language: str, number: int = 1) -> HttpResponse:
    """List the public petitions, a page at a time.

    :raises Http404: if there is no such page
    """
    page = petition_cards(language, number) if number <= LIST_PAGES_MAX else None
    if page is None or (number > 1 and not page.cards):
        raise Http404
    return render(request, "publishing/petition_list.html", {"list": page})


@reading_only
def first_list_page(request: HttpRequest, language: str) -> HttpResponse:
    """Redirect to the canonical address of the first page."""
    return HttpResponseRedirect(reverse("petition_list", kwargs={"language": language}))


@reading_query(lambda request: "digest" in request.GET)
@reading_only
def deliveries(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """List the hand-overs, and report whether a digest belongs to a file that was handed over."""
    version = version_to_show(slug, language)
    typed = request.GET.get("digest")
    # Checking a digest is the submission of a form, though by GET, so it is rate-limited.
    wait = 0 if typed is None else seconds_to_wait(request)
    context = {
        "page": published_page(version, language),
        "entries": delivery_entries(version.petition, language),
        "typed": (typed or "")[:TYPED_MAX],
        "typed_max": TYPED_MAX,
        "checked": None if typed is None or wait else check_digest(version.petition, typed),
        "rate_limited_minutes": -(-wait // 60),
    }
    response = render(
        request, "publishing/deliveries.html", context, status=HTTPStatus.TOO_MANY_REQUESTS if wait else 200
    )
    if typed is None:
        patch_cache_control(response, public=True, max_age=2, s_maxage=5)
    else:
        # Which files somebody holds is nobody else's business.
        patch_cache_control(response, no_store=True)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def delivery_proof(request: HttpRequest, language: str, slug: str, number: int, name: str) -> HttpResponse:
    """Return a file that proves a hand-over; available even after the signers' data was erased.

    :raises Http404: if nothing was handed over under this number
    """
    content = proof_file(version_to_show(slug, language).petition, number, name) if number <= NUMBER_MAX else None
    if content is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Robots-Tag": "noindex"}
    return HttpResponse(content, content_type=PROOF_TYPES[name], headers=headers)


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def accessibility(request: HttpRequest, language: str) -> HttpResponse:
    """Show how accessible the site is, and whom to tell about barriers."""
    return render(request, "publishing/accessibility.html", {"list": petition_cards(language)})


@reading_only
@cache_control(public=True, max_age=2, s_maxage=5)
def privacy(request: HttpRequest, language: str) -> HttpResponse:
    """Explain in plain words what is stored for how long; the numbers come from the code and the settings."""
    context = {
        "backup_days": settings.BACKUP_DAYS,
        "noted_days": days_noted(),
        "attempt_days": LIFETIME.days,
        "domain_mark_days": DOMAIN_MARK_LIFETIME.days,
        "bounces_are_counted": bool(settings.BOUNCE_URL),
        "mail_hours": int(GIVE_UP_AFTER.total_seconds()) // 3600,
        "list": petition_cards(language),
        "erasures": coming_erasures(language),
        # Addresses wait while the news is switched off.
        "mails_news": Petition.objects.all().public().mailing_news().exists() or NewsSubscriber.objects.exists(),
    }
    return render(request, "publishing/privacy.html", context)
