"""The WSGI entry point for gunicorn, which checks the configuration first."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from petition_site.checks import complain_of_placeholders, stop_on_unfit_database, stop_on_unfit_journal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petition_site.settings")
try:
    application = get_wsgi_application()
    stop_on_unfit_database()
    stop_on_unfit_journal()
    complain_of_placeholders()
except ImproperlyConfigured as error:
    sys.exit(f"error: {error}")


def prepare() -> None:
    """Fill caches once before the web server forks, so that the first visitor of each process need not wait."""
    from signatures.languages import site_languages  # noqa: PLC0415 - not before there are settings
    from signatures.operating.request_counts import route_places  # noqa: PLC0415
    from signatures.safeguarding.countries import country_names  # noqa: PLC0415

    _ = get_resolver().url_patterns
    for language in site_languages():
        country_names(language)
    route_places()


prepare()
