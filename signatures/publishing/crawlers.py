"""Serves robots.txt and security.txt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from signatures.languages import site_languages
from signatures.links import absolute
from signatures.models import TextVersion
from signatures.safeguarding.public_guards import reading_only

# RFC 9116 recommends less than a year; each response has a new date.
SECURITY_LIFETIME = timedelta(days=180)


@reading_only
@cache_control(public=True, max_age=3600, s_maxage=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Exclude robots from addresses that are useless to them (RFC 9309); pages not to be indexed say so themselves."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        *(
            f"Disallow: /{code}/{part}/"
            for code in site_languages()
            for part in ("confirm", "my-signature", "no-mail", "news-by-mail", "no-news")
        ),
        f"Sitemap: {absolute('/sitemap.xml')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@reading_only
@cache_control(public=True, max_age=3600, s_maxage=3600)
def security(request: HttpRequest) -> HttpResponse:
    """Return where to report vulnerabilities (RFC 9116): the address in the settings, or that of the newest petition.

    :raises Http404: if there is neither
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
