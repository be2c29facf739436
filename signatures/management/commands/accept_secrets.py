"""Accepts secrets that were replaced on purpose."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from signatures.management.site_command import SiteCommand
from signatures.safeguarding.secret_marks import LOSSES, accept_secrets


class Command(SiteCommand):
    """Records the secrets of a setting as those of this database, whatever was recorded before."""

    help = (
        "Say that the secrets of a setting were replaced on purpose and without the earlier ones, after a leak for"
        " instance: /-/ready and the doctor take them for those of this database from now on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("setting", nargs="+", choices=list(LOSSES), metavar="SETTING", help=", ".join(LOSSES))

    def handle(self, *args: Any, **options: Any) -> None:
        """Record the secrets, and say what is lost with the earlier ones."""
        for setting in options["setting"]:
            accept_secrets(setting)
            self.stdout.write(f"{setting}: accepted. With the earlier secrets gone, {LOSSES[setting]}.")
