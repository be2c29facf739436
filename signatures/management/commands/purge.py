"""Erases the personal data of a petition's signers."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from signatures.management.site_command import SiteCommand
from signatures.models import Petition
from signatures.moderating.purging import holdings_of, purge_petition

REASON_LENGTH_MAX = 200


class Command(SiteCommand):
    """Erases the data of a closed petition's signers; numbers, texts and hand-overs stay."""

    help = "Erase the personal data of all signers of a closed petition."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("slug", help="the petition")
        parser.add_argument("--confirm", help="the petition's address again; without it nothing is erased")
        parser.add_argument("--reason", default="", help="why; kept in the audit log")
        parser.add_argument("--dry-run", action="store_true", help="only say how much would be erased")

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge the petition, or refuse with the reason."""
        petition = Petition.objects.filter(slug=options["slug"]).first()
        if petition is None:
            message = f"No such petition: {options['slug']}"
            raise CommandError(message)
        held = holdings_of(petition)
        self.stdout.write(f"signatures: {held.signatures}, attempts: {held.attempts}, mails: {held.mails}")
        if options["dry_run"]:
            return
        if options["confirm"] != petition.slug:
            message = f"This cannot be undone. Run it again with --confirm {petition.slug}"
            raise CommandError(message)
        if not 0 < len(options["reason"].strip()) <= REASON_LENGTH_MAX:
            message = f"Say why with --reason, in at most {REASON_LENGTH_MAX} characters."
            raise CommandError(message)
        try:
            erased = purge_petition(petition=petition, reason=options["reason"].strip(), actor=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"erased: {erased.signatures} signatures, {erased.attempts} attempts, {erased.mails} mails")
