"""What programs ask for: the sitemap, the rules for robots, and whom to tell of a weakness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control

from signatures.languages import page_languages, site_languages
from signatures.links import absolute, petition_url
from signatures.models import Petition, TextVersion
from signatures.safeguarding.public_guards import reading_only

PETITION_PAGES = ("petition", "updates", "ledger", "deliveries")
SITE_PAGES = ("petition_list", "privacy", "accessibility")
# RFC 9116 wants less than a year; whoever reads it anew gets a new date.
SECURITY_LIFETIME = timedelta(days=180)


@dataclass(frozen=True)
class Entry:
    """A page in the sitemap, in one language, with its addresses in all of them."""

    url: str
    alternates: list[tuple[str, str]]
    changed_on: date | None = None


@reading_only
@cache_control(public=True, max_age=60, s_maxage=60)
def sitemap(request: HttpRequest) -> HttpResponse:
    """List the public pages in each of their languages (sitemaps.org, with Google's language links)."""
    entries: list[Entry] = []
    for name in SITE_PAGES:
        entries += _entries({code: reverse(name, kwargs={"language": code}) for code in site_languages()})
    petitions = Petition.objects.public().with_text_languages().annotate(text_at=Max("text_versions__published_at"))
    for petition in petitions.order_by("id"):
        languages = page_languages(petition.text_languages or [])
        for name in PETITION_PAGES:
            changed_on = _changed_on(petition) if name == "petition" else None
            paths = {code: petition_url(name, code, petition.slug) for code in languages}
            entries += _entries(paths, changed_on)
    return render(request, "publishing/sitemap.xml", {"entries": entries}, content_type="application/xml")


def _changed_on(petition: Petition) -> date:
    """Return the UTC day on which the petition's page became another: by a new text, by opening, or by closing."""
    now = datetime.now(UTC)
    times: list[datetime | None] = [petition.text_at, petition.opens_at, petition.closes_at]  # type: ignore[attr-defined]
    return max(time for time in times if time is not None and time <= now).astimezone(UTC).date()


def _entries(paths: dict[str, str], changed_on: date | None = None) -> list[Entry]:
    urls = {code: absolute(path) for code, path in paths.items()}
    alternates = [*urls.items(), ("x-default", next(iter(urls.values())))]
    return [Entry(url, alternates, changed_on) for url in urls.values()]


@reading_only
@cache_control(public=True, max_age=3600, s_maxage=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Keep robots from addresses that lead nowhere for them (RFC 9309); pages not to be listed say so themselves."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        *(f"Disallow: /{code}/{part}/" for code in site_languages() for part in ("confirm", "my-signature", "no-mail")),
        f"Sitemap: {absolute('/sitemap.xml')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@reading_only
@cache_control(public=True, max_age=3600, s_maxage=3600)
def security(request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a weakness (RFC 9116): the address in the settings, or that of the newest petition.

    :raises Http404: while there is neither
    """
    contact = settings.SECURITY_CONTACT
    if not contact:
        address = TextVersion.objects.contact_of_newest_petition()
        if not address:
            raise Http404
        contact = f"mailto:{address}"
    expires = (datetime.now(UTC) + SECURITY_LIFETIME).replace(minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        f"Preferred-Languages: {', '.join(site_languages())}",
        f"Canonical: {absolute('/.well-known/security.txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
