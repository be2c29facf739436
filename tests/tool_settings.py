"""The settings for tools that only look at the code, such as mypy: no secrets to set, no database to reach."""

from __future__ import annotations

import os

from signatures.languages import Language
from tests.support.environment import TEST_ENVIRONMENT

os.environ.update(
    TEST_ENVIRONMENT
    | {
        "DATABASE_URL": "postgres:///nowhere",
        "EMAIL_URL": "file:///nowhere",
        "ERASURE_JOURNAL": "/nowhere",
        "SITE_ORIGIN": "https://petition.example.org",
        "SITE_LANGUAGES": ",".join(Language.values),
    }
)

from petition_site.settings import *  # noqa: F403 - they read the environment when they are imported

DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
