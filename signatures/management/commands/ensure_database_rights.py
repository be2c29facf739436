"""Grants the role that serves what the table of rights says, and takes back what is more."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from signatures.management.site_command import SiteCommand
from signatures.models.database_roles import as_owner, owns_tables
from signatures.models.table_rights import Change, apply_changes, changes_for, unknown_tables


class Command(SiteCommand):
    """Makes the rights on tables, sequences, schema and database those that the code needs; idempotent."""

    help = "Grant the role that serves what it needs, and no more; migrate does so by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--check", action="store_true", help="change nothing; end with 1 where something differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each difference, and make the rights as they should be."""
        if not settings.DATABASE_OWNER:
            self.stdout.write("One role owns the tables and serves: DATABASE_OWNER_URL is not set.")
            return
        with as_owner():
            if not owns_tables():
                message = (
                    "The role in DATABASE_OWNER_URL does not own the tables; docs/operations.md says how it comes to."
                )
                raise CommandError(message)
            changes = ensure_rights(only_look=options["check"])
            with connection.cursor() as cursor:
                unknown = unknown_tables(cursor)
        for change in changes:
            self.stdout.write(str(change))
        if unknown:
            self.stdout.write(f"left alone, since this version does not know them: {', '.join(unknown)}")
        if options["check"] and changes:
            message = f"differences: {len(changes)}"
            raise CommandError(message)
        self.stdout.write(f"changed: {len(changes)}")


def ensure_rights(*, only_look: bool = False) -> list[Change]:
    """Update the rights over the owner's connection, and return what differed: nothing, where one role is both.

    :raises CommandError: if the role that serves does not exist
    """
    if not settings.DATABASE_OWNER:
        return []
    role = settings.DATABASES["default"]["USER"]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            changes = changes_for(cursor, role)
            if not only_look:
                apply_changes(cursor, role, changes)
    except ProgrammingError as error:
        message = f"The role {role} of DATABASE_URL cannot be granted its rights: {str(error).splitlines()[0]}"
        raise CommandError(message) from error
    return changes
