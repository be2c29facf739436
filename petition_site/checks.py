"""Checks of the database server, run by migrate and when a process starts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseFailure
from django.db import OperationalError, connections

logger = logging.getLogger(__name__)

POSTGRESQL_VERSION_MIN = 150_000


@register(Tags.database)
def check_database(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a PostgreSQL that is too old, or one whose locale does not know Cyrillic case."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int, lower('Ё') = 'ё'")
            version, knows_case = cursor.fetchone()
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
    return errors


def stop_on_unfit_database() -> None:
    """Raise ImproperlyConfigured for a database that cannot work; one that is away is waited for, not refused."""
    try:
        errors = check_database(None, databases=["default"])
    except OperationalError:
        return
    finally:
        # A web server forks after this, and a connection must not be shared.
        connections.close_all()
    if errors:
        raise ImproperlyConfigured(" ".join(f"{error.msg} {error.hint}" for error in errors))


def complain_of_placeholders() -> None:
    """Log what must not be so in production; a database that is away or not migrated yet has none of it."""
    from signatures.publishing import health  # noqa: PLC0415 - not before the apps are loaded

    try:
        for warning in (*health.transport_warnings(), *health.contact_warnings()):
            logger.warning(warning)
    except DatabaseFailure:
        return
    finally:
        connections.close_all()
