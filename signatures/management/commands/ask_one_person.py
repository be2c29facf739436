"""Switches the second person of a petition off, where nobody is left who could agree to that at the desk."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from signatures.approving.actions import ask_less_often_by_command
from signatures.management.site_command import SiteCommand
from signatures.models import Petition
from signatures.models.audit import REASON_LENGTH_MAX


class Command(SiteCommand):
    """Lets one person act alone in a petition again; the audit log says that a command did it, and why."""

    help = "Let one person act alone in a petition again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("slug", help="the petition")
        parser.add_argument("--reason", default="", help="why; kept in the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        """Switch it off, or refuse with the reason."""
        petition = Petition.objects.filter(slug=options["slug"]).first()
        if petition is None:
            message = f"No such petition: {options['slug']}"
            raise CommandError(message)
        reason = options["reason"].strip()
        if not 0 < len(reason) <= REASON_LENGTH_MAX:
            message = f"Say why with --reason, in at most {REASON_LENGTH_MAX} characters."
            raise CommandError(message)
        ask_less_often_by_command(petition=petition, reason=reason)
        self.stdout.write(f"{petition.slug}: one person acts alone again")
