"""The database role that serves: it may use the tables, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import connection

from signatures.doctor.findings import Finding, Options, fine, warn, wrong
from signatures.models.database_roles import is_one_role, makes_large_objects, serving_problems

TWO_ROLES = (
    "Let DATABASE_URL name a role that owns nothing, and DATABASE_OWNER_URL the owner: docs/operations.md says how."
)


def check_roles(options: Options) -> Iterator[Finding]:
    """Check that the role in DATABASE_URL can neither switch triggers off nor reach beyond the database."""
    with connection.cursor() as cursor:
        is_one, problems, makes_objects = is_one_role(cursor), serving_problems(cursor), makes_large_objects(cursor)
    if is_one and settings.LOCAL_START:
        yield warn("On a trial one role owns and serves.", TWO_ROLES)
    elif is_one:
        yield wrong(
            "The role in DATABASE_URL owns the tables: whoever breaks into the site can switch off the triggers that"
            " freeze published texts and the audit log.",
            TWO_ROLES,
        )
    else:
        mend = "Run `petition migrate`, or ensure_database_rights as the owner; docs/operations.md, “Two roles”."
        yield from [wrong(sentence, mend) for sentence in problems]
        if makes_objects:
            yield warn(
                "The role that serves may make large objects: whoever takes the site could keep there what nothing"
                " erases.",
                "Run deploy/postgresql/roles.sql once more as a superuser of PostgreSQL.",
            )
        if not problems:
            yield fine("The role that serves owns nothing, and may only use the tables.")
