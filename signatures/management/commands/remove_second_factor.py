"""Lets somebody in again who has lost the second factor, where no administrator can do it at the desk."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from signatures.management.site_command import SiteCommand
from signatures.models import Organiser
from signatures.safeguarding.second_factors import remove_all_factors

REASON = "by the command on the server"


class Command(SiteCommand):
    """Removes every app, passkey and recovery code of an account, and ends its sessions; the audit log keeps it."""

    help = "Remove the second factor of an account whose owner has lost it; they set up a new one at the next login."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the account."""
        parser.add_argument("account", help="the name that its owner logs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove it, and print how much it was."""
        try:
            account = Organiser.objects.get(username=options["account"])
        except Organiser.DoesNotExist:
            message = "There is no account of this name."
            raise CommandError(message) from None
        amount = remove_all_factors(actor=None, account=account, reason=REASON)
        self.stdout.write(f"Removed {amount} apps and passkeys, and all recovery codes. Its sessions have ended.")
