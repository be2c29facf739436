"""What every public page is given besides its own content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from petition_site.middleware import path_language


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the page's language, the same page in the other language, and its canonical address."""
    language = path_language(request)
    if language is None:
        return {"LANGUAGE_CODE": settings.LANGUAGE_CODE, **_site()}
    other_language = next(code for code, _ in settings.LANGUAGES if code != language)
    return {
        "LANGUAGE_CODE": language,
        "other_language": other_language,
        "other_language_url": f"/{other_language}{request.path_info[3:]}",
        "canonical_url": f"{settings.SITE_ORIGIN}{request.path_info}",
        "x_default_url": f"{settings.SITE_ORIGIN}/{settings.LANGUAGE_CODE}{request.path_info[3:]}",
        "onion_url": f"{settings.ONION_ORIGIN}{request.path_info}" if settings.ONION_ORIGIN else "",
        **_site(),
    }


def _site() -> dict[str, Any]:
    """Return who runs the site, and where it is."""
    logo = settings.SITE_LOGO
    return {
        "site_origin": settings.SITE_ORIGIN,
        "site_name": settings.SITE_NAME,
        "site_logo_url": reverse("logo", kwargs={"digest": logo.digest}) if logo else "",
    }
