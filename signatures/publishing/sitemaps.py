"""The sitemap: every public page in each of its languages (sitemaps.org, with Google's language links)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.db.models import Max
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control

from signatures.languages import page_languages, site_languages
from signatures.links import petition_url
from signatures.models import Petition
from signatures.safeguarding.public_guards import reading_only

PETITION_PAGES = ("petition", "updates", "ledger", "deliveries")
SITE_PAGES = ("petition_list", "privacy", "accessibility")


class Page(NamedTuple):
    """A public page: its URL name, and its petition if it belongs to one."""

    name: str
    petition: Petition | None = None


class PublicPages(Sitemap[Page]):
    """Lists the pages of the site and of each public petition."""

    i18n = True
    alternates = True
    limit = 50_000

    def items(self) -> list[Page]:
        """Return all pages, those of the site itself first."""
        public = Petition.objects.listed().with_text_languages().annotate(text_at=Max("text_versions__published_at"))
        of_petitions = [Page(name, petition) for petition in public.order_by("id") for name in PETITION_PAGES]
        return [*map(Page, SITE_PAGES), *of_petitions]

    def get_languages_for_item(self, item: Page) -> list[str]:
        """Return the languages in which a page exists."""
        return site_languages() if item.petition is None else page_languages(item.petition.text_languages or [])

    def location(self, item: Page) -> str:
        """Return the path of a page in the active language."""
        language = str(get_language())
        if item.petition is None:
            return reverse(item.name, kwargs={"language": language})
        return petition_url(item.name, language, item.petition.slug)

    def lastmod(self, item: Page) -> date | None:
        """Return the UTC day of the last change of a petition's page: by a new text, by opening, or by closing."""
        if item.petition is None or item.name != "petition":
            return None
        now, petition = datetime.now(UTC), item.petition
        times: list[datetime | None] = [petition.text_at, petition.opens_at, petition.closes_at]  # type: ignore[attr-defined]
        return max(time for time in times if time is not None and time <= now).astimezone(UTC).date()

    def get_protocol(self, protocol: str | None = None) -> str:
        """Return the site's scheme from the settings, whatever the request used."""
        return urlsplit(settings.SITE_ORIGIN).scheme

    def get_domain(self, site: Any = None) -> str:
        """Return the site's host from the settings."""
        return urlsplit(settings.SITE_ORIGIN).netloc

    def get_urls(self, page: int | str = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        """Return the entries; for speakers of other languages (x-default) they point to a page's first language.

        Django's own x-default entry has a path without a language, which doesn't exist on this site.
        """
        entries = super().get_urls(page, site, protocol)
        for entry in entries:
            first = entry["alternates"][0]["location"]
            entry["alternates"].append({"location": first, "lang_code": "x-default"})
        return entries


@reading_only
@cache_control(public=True, max_age=60, s_maxage=60)
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """Return the sitemap as XML."""
    return sitemap_view(request, sitemaps={"pages": PublicPages()})
