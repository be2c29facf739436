"""Checks the database server, in migrate and when a process starts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseFailure
from django.db import OperationalError, connections
from django.db.backends.utils import CursorWrapper

logger = logging.getLogger(__name__)

POSTGRESQL_VERSION_MIN = 150_000
# What 0001_models stands for was applied in part: neither can go on from there.
IS_MADE_IN_PART = """
SELECT array_agg(name::text) @> '{0001_initial}' AND NOT array_agg(name::text) && '{0001_models,0035_any_language}'
FROM django_migrations WHERE app = 'signatures'
"""


@register(Tags.database)
def check_database(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return errors for an old PostgreSQL, a locale that cannot change the case of Cyrillic letters, or old tables."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int, lower('Ё') = 'ё'")
            version, knows_case = cursor.fetchone()
            is_too_early = _is_too_early(cursor)
        if version < POSTGRESQL_VERSION_MIN:
            errors.append(
                Error(
                    "The PostgreSQL server is too old.",
                    hint="Use PostgreSQL 15 or newer.",
                    id="petition_site.E001",
                )
            )
        if not knows_case:
            errors.append(
                Error(
                    "The database does not know the case of Cyrillic letters.",
                    hint="Make it with the locale C.UTF-8; docs/operations.md says how.",
                    id="petition_site.E002",
                )
            )
        if is_too_early:
            errors.append(
                Error(
                    "The database was made by a version that this one cannot go on from.",
                    hint="Migrate it to 0035_any_language first, with the version that has this migration;"
                    " docs/operations.md says more under “Upgrading”.",
                    id="petition_site.E003",
                )
            )
    return errors


def _is_too_early(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT to_regclass('django_migrations')")
    if cursor.fetchone()[0] is None:
        return False
    cursor.execute(IS_MADE_IN_PART)
    return bool(cursor.fetchone()[0])


def stop_on_unfit_database() -> None:
    """Raise ImproperlyConfigured if the database is unsuitable; one that cannot be reached yet is no error."""
    try:
        errors = check_database(None, databases=["default"])
    except OperationalError:
        return
    finally:
        # The web server forks after this, and processes must not share a connection.
        connections.close_all()
    if errors:
        raise ImproperlyConfigured(" ".join(f"{error.msg} {error.hint}" for error in errors))


def complain_of_placeholders() -> None:
    """Log settings and texts that are unsuitable for production; skip this if the database cannot be read yet."""
    from signatures.publishing import health  # noqa: PLC0415 - not before the apps are loaded

    try:
        for warning in (*health.transport_warnings(), *health.contact_warnings()):
            logger.warning(warning)
    except DatabaseFailure:
        return
    finally:
        connections.close_all()
