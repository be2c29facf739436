"""Exports the list of names for one recipient."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signatures.delivering.export import NotGivenNamesError, preview_exports, start_export
from signatures.delivering.query import Columns
from signatures.models import Petition
from signatures.models.choices import Language

DELIMITERS = {"comma": ",", "semicolon": ";"}


class Command(BaseCommand):
    """Writes the confirmed list for one recipient as CSV, audited like the export of the admin."""

    help = "Write the list of names for one recipient as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("slug", help="the petition")
        parser.add_argument(
            "--recipient", type=int, required=True, help="number of the recipient; a wrong one lists them"
        )
        parser.add_argument("--reason", required=True, help="why the list is made; kept in the audit log")
        parser.add_argument("--language", choices=Language.values, default=Language.EN, help="of header and countries")
        parser.add_argument("--delimiter", choices=DELIMITERS, default="comma")
        parser.add_argument("--output", type=Path, help="file to write, which must not exist; else standard output")
        parser.add_argument("--dry-run", action="store_true", help="only say how many names there are")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        petition = Petition.objects.filter(slug=options["slug"]).first()
        if petition is None:
            message = f"No such petition: {options['slug']}"
            raise CommandError(message)
        previews = {preview.recipient.pk: preview for preview in preview_exports(petition)}
        preview = previews.get(options["recipient"])
        if preview is None:
            known = "; ".join(
                f"{pk} {entry.recipient.name} ({entry.recipient.profile})" for pk, entry in previews.items()
            )
            message = f"No such recipient. Recipients of this petition: {known}"
            raise CommandError(message)
        if not options["reason"].strip():
            message = "Say why with --reason."
            raise CommandError(message)
        self.stderr.write(f"{preview.confirmed} confirmed = {preview.named} with names + {preview.unnamed} without")
        if options["dry_run"]:
            return
        columns = Columns(options["language"], DELIMITERS[options["delimiter"]])
        try:
            pieces = start_export(
                recipient=preview.recipient, columns=columns, reason=options["reason"].strip(), actor=None
            )
        except NotGivenNamesError as error:
            message = "This recipient is given totals only: there is no list of names for it."
            raise CommandError(message) from error
        if options["output"] is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            return
        with options["output"].open("xb") as file:
            file.writelines(pieces)
