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

from signatures.outages import refusal_of

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


@register(Tags.database)
def check_serving_role(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return an error for each thing by which the role that serves could switch guards off, or could not serve."""
    from signatures.models.database_roles import serving_problems  # noqa: PLC0415 - not before the apps are loaded

    if "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        problems = serving_problems(cursor)
    hint = "Run migrate or ensure_database_rights; docs/operations.md says more under “Two roles”."
    return [Error(problem, hint=hint, id="petition_site.E004") for problem in problems]


def _is_too_early(cursor: CursorWrapper) -> bool:
    # Without the right to read them, that is what is wrong, and said.
    cursor.execute("SELECT has_table_privilege(to_regclass('django_migrations'), 'SELECT')")
    if not cursor.fetchone()[0]:
        return False
    cursor.execute(IS_MADE_IN_PART)
    return bool(cursor.fetchone()[0])


def stop_on_unfit_database() -> None:
    """Raise ImproperlyConfigured if the database is unsuitable or older; one that cannot be reached yet is no error.

    A newer one is told of: whoever puts a release back knows, and whoever has started the wrong one must.
    """
    from signatures.models.schema_state import GO_BACK, MIGRATE, schema_state  # noqa: PLC0415 - as above

    try:
        # First: without rights nothing else can be looked at.
        errors = check_serving_role(None, databases=["default"]) or check_database(None, databases=["default"])
        schema = None if errors else schema_state()
    except OperationalError as error:
        logger.warning("The database cannot be reached yet. %s", refusal_of(error))
        return
    finally:
        # The web server forks after this, and processes must not share a connection.
        connections.close_all()
    if errors:
        raise ImproperlyConfigured(" ".join(f"{error.msg} {error.hint}" for error in errors))
    if schema is not None and schema.older_sentence:
        message = f"{schema.older_sentence} {MIGRATE}"
        raise ImproperlyConfigured(message)
    if schema is not None and schema.newer_sentence:
        logger.warning("%s %s", schema.newer_sentence, GO_BACK)


def stop_on_unfit_journal() -> None:
    """Raise ImproperlyConfigured if the erasure journal cannot be written; from now on nothing older than it is served.

    An older database stops no start: the process says why it answers 503, and serves as soon as that is mended.
    """
    from signatures.journaling.files import folder  # noqa: PLC0415 - not before the apps are loaded
    from signatures.journaling.gate import GATE, journal_folder_problem  # noqa: PLC0415

    if found := journal_folder_problem(folder()):
        raise ImproperlyConfigured(found)
    GATE.watch()


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
