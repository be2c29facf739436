"""Checks files that were handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from signatures.delivering.verify import UnreadableError, check_path
from signatures.management.site_command import SiteCommand


class Command(SiteCommand):
    """Checks whether a ZIP, a folder or a single file is what was handed over, and lists the files that differ."""

    help = "Check a ZIP, a folder or a single file against everything that was ever made for a hand-over."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("path", type=Path, metavar="FILE", help="a ZIP, a folder, or a single file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings; the exit status is 1 if anything differs."""
        try:
            findings = check_path(options["path"])
        except UnreadableError as error:
            raise CommandError(str(error)) from error
        for origin in findings.origins:
            self.stdout.write(origin.sentence)
        for name in findings.checked:
            self.stdout.write(f"ok: {name}")
        if findings.problems:
            raise CommandError("\n".join(findings.problems))
