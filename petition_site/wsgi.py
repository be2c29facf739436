"""The entry point for gunicorn."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from petition_site.checks import stop_on_unfit_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petition_site.settings")
try:
    application = get_wsgi_application()
    stop_on_unfit_database()
except ImproperlyConfigured as error:
    sys.exit(f"error: {error}")
