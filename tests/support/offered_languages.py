"""Other languages of a running site than those it started with."""

from __future__ import annotations

from types import ModuleType
from typing import cast

from django.urls import include, re_path
from pytest_django import Settings

from petition_site import urls
from signatures.languages import name_of


def offer_languages(settings: Settings, *codes: str) -> None:
    """Offer these languages and no others, the default first, as SITE_LANGUAGES does when a site starts."""
    settings.LANGUAGES = [(code, name_of(code)) for code in codes]
    settings.LANGUAGE_CODE = codes[0]
    addresses = ModuleType("offered_urls")
    vars(addresses).update(vars(urls))
    others = [part for part in urls.urlpatterns if not str(getattr(part, "pattern", "")).startswith("<lang:")]
    of_language = re_path(f"^(?P<language>{'|'.join(codes)})/", include(urls.of_language))
    vars(addresses)["urlpatterns"] = [of_language, *others]
    settings.ROOT_URLCONF = cast("str", addresses)
