"""Checks files that were handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signatures.delivering.checking import UnreadableError, check_path
from signatures.models import Delivery


class Command(BaseCommand):
    """Says whether a ZIP, a folder or a single file is what was handed over, and which file differs."""

    help = "Check a ZIP, a folder or a single file against the manifests of hand-overs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("path", type=Path, metavar="FILE", help="a ZIP, a folder, or a single file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; the exit status is 1 where something differs."""
        try:
            findings = check_path(options["path"])
        except UnreadableError as error:
            raise CommandError(str(error)) from error
        if findings.delivery is not None:
            delivery = Delivery.objects.select_related("recipient").get(pk=findings.delivery)
            state = delivery.get_state_display()
            self.stdout.write(f"hand-over {delivery.pk} to {delivery.recipient.name_en}: {state}")
        for name in findings.checked:
            self.stdout.write(f"ok: {name}")
        if findings.problems:
            raise CommandError("\n".join(findings.problems))
