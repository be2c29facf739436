"""Selects the text that a petition's page shows: the newest public one."""

from __future__ import annotations

import time

from django.http import Http404

from signatures.models import TextVersion

RECENT_SECONDS = 2.0
_recent: dict[str, tuple[float, TextVersion]] = {}


class OtherLanguageError(Exception):
    """A petition's page was requested in a language that its newest text lacks; carries one to redirect to."""

    def __init__(self, language: str) -> None:
        """Store a language that the page has."""
        super().__init__(language)
        self.language = language


def newest_version(slug: str) -> TextVersion:
    """Return a petition's newest public text, with the petition and whether it takes signatures now.

    :raises Http404: if there is none
    """
    version = TextVersion.objects.newest_public(slug)
    if version is None:
        _recent.pop(slug, None)
        raise Http404
    _recent[slug] = time.monotonic(), version
    return version


def version_to_show_of(petition_id: int, language: str) -> TextVersion:
    """Return the newest text for a page in a language, looked up by the petition's id rather than its slug.

    :raises Http404: if there is none
    :raises OtherLanguageError: if its pages are in other languages
    """
    version = TextVersion.objects.newest_public_of(petition_id)
    if version is None:
        raise Http404
    return _in_its_language(version, language)


def version_to_show(slug: str, language: str) -> TextVersion:
    """Return the newest text of a petition for a page in a language.

    :raises Http404: if there is none
    :raises OtherLanguageError: if its pages are in other languages
    """
    return _in_its_language(newest_version(slug), language)


def recent_version(slug: str, language: str) -> TextVersion:
    """Return the newest text, cached for two seconds in this process; for writes that check it again.

    :raises Http404: if there is none
    :raises OtherLanguageError: if its pages are in other languages
    """
    looked_up, version = _recent.get(slug, (0.0, None))
    if version is None or time.monotonic() - looked_up > RECENT_SECONDS:
        version = newest_version(slug)
    return _in_its_language(version, language)


def _in_its_language(version: TextVersion, language: str) -> TextVersion:
    if language not in version.page_languages:
        raise OtherLanguageError(version.page_languages[0])
    return version
