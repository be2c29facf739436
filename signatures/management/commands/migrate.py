"""Migrates as the owner of the tables, and then grants the role that serves what it needs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from signatures.management.commands.ensure_database_rights import ensure_rights
from signatures.models.database_roles import as_owner, may_migrate

NOT_OWNER = (
    "This role may not migrate: it neither owns the tables nor may make them. Set DATABASE_OWNER_URL to the role that"
    " does, and run this as the account of the system that may log in as it; docs/operations.md says how."
)
ONLY_READS = ("check_unapplied", "plan")


class Command(migrate.Command):
    """Django's command, over the owner's connection."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it, checks of the database included, and bring the rights up to date.

        :raises CommandError: if the role owns no tables
        """
        if options.get("database", DEFAULT_DB_ALIAS) != DEFAULT_DB_ALIAS or any(map(options.get, ONLY_READS)):
            return super().execute(*args, **options)
        with as_owner():
            if not may_migrate():
                raise CommandError(NOT_OWNER)
            told = super().execute(*args, **options)
            changes = ensure_rights()
            if options["verbosity"] and changes:
                self.stdout.write(f"rights of the role that serves: {len(changes)} changed")
            return told
