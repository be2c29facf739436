"""The template context that all pages share."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from petition_site.middleware import path_in, path_language
from signatures.languages import TRAITS, Language, site_languages
from signatures.links import language_links
from signatures.models.switch import SwitchName
from signatures.safeguarding.switches import on_for


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the page's language, links to it in every language of the site, and its canonical URL."""
    language = path_language(request)
    if language is None:
        return {"LANGUAGE_CODE": settings.LANGUAGE_CODE, **_switches(request), **_site()}
    return {
        "LANGUAGE_CODE": language,
        "og_locale": TRAITS[Language(language)].og_locale,
        "language_links": language_links({code: path_in(code, request) for code in site_languages()}),
        "canonical_url": f"{settings.SITE_ORIGIN}{request.path_info}",
        "onion_url": f"{settings.ONION_ORIGIN}{request.path_info}" if settings.ONION_ORIGIN else "",
        **_switches(request),
        **_site(),
    }


def _switches(request: HttpRequest) -> dict[str, Any]:
    """Return what the emergency switches have pages say."""
    on = on_for(request)
    return {
        "takes_nothing": SwitchName.READ_ONLY in on,
        "hides_names": SwitchName.HIDE_NAMES in on,
        "switches_on": [name for name in SwitchName if name in on],
    }


def _site() -> dict[str, Any]:
    """Return the site's origin, name and logo."""
    logo = settings.SITE_LOGO
    return {
        "site_origin": settings.SITE_ORIGIN,
        "site_name": settings.SITE_NAME,
        "site_logo_url": reverse("logo", kwargs={"digest": logo.digest}) if logo else "",
    }
