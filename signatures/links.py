"""Addresses of pages, relative and absolute."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse


def petition_url(name: str, language: str, slug: str) -> str:
    """Return the path of one of a petition's pages in a language."""
    return reverse(name, kwargs={"language": language, "slug": slug})


def absolute(path: str) -> str:
    """Return a path with the site's origin, for mails and for other sites."""
    return f"{settings.SITE_ORIGIN}{path}"
