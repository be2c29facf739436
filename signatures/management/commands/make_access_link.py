"""Makes a link by which the owner of an account sets a new password."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.urls import reverse

from signatures.links import absolute
from signatures.management.site_command import SiteCommand
from signatures.models import Organiser
from signatures.safeguarding.access_links import make_reset_link

REASON = "Made on the server"


class Command(SiteCommand):
    """Prints a link, valid once and for a day, for whoever cannot log in and has no administrator to ask."""

    help = (
        "End the password and the sessions of an account, and print a link that sets a new password. It is valid once,"
        " for a day. The audit log keeps that a command made it. The second factor stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the account."""
        parser.add_argument("account", help="the name of the account")

    def handle(self, *args: Any, account: str, **options: Any) -> None:
        """Print only the link to stdout."""
        found = Organiser.objects.filter(username=account).first()
        if found is None:
            raise CommandError("There is no account of this name.")
        try:
            token = make_reset_link(account=found, reason=REASON, actor=None)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        self.stdout.write(absolute(reverse("admin:set_password", args=[token])))
