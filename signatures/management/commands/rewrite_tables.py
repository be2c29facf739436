"""Rewrites the tables from which data was erased, as their owner."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from signatures.management.site_command import SiteCommand
from signatures.models import Rewrite
from signatures.models.database_roles import as_owner, owns_tables
from signatures.moderating.rewriting import rewrite_erased


class Command(SiteCommand):
    """Rewrites what is due, once; for a timer that comes round every few minutes, where the worker owns no tables."""

    help = "Rewrite the tables from which data was erased, where it is time; for a timer, as the owner of the tables."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the names of the tables that were rewritten, and of those that have been due for more than a day."""
        with as_owner():
            if not owns_tables():
                message = (
                    "This role does not own the tables, so that it cannot rewrite them. Set DATABASE_OWNER_URL to the"
                    " role that does, and run this as the account of the system that may log in as it."
                )
                raise CommandError(message)
            for name in rewrite_erased():
                self.stdout.write(f"rewritten: {name}")
            for name in Rewrite.objects.overdue():
                self.stderr.write(f"due for more than a day: {name}")
