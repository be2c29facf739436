"""Exports the list of names for one recipient."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError, CommandParser

from signatures.delivering.columns import Layout
from signatures.delivering.downloads import NotGivenNamesError, start_export
from signatures.delivering.preview import preview_exports
from signatures.languages import site_languages
from signatures.management.site_command import SiteCommand
from signatures.models import Petition, Recipient
from signatures.models.audit import REASON_LENGTH_MAX
from signatures.models.choices import Language, Profile

DELIMITERS = {"comma": ",", "semicolon": ";"}
TOTALS_ONLY = "This recipient is given totals only: there is no list of names for it."
NOT_SHOWN = "No signer has been shown this recipient yet: publish the text first."


class Command(SiteCommand):
    """Writes the confirmed list for one recipient as CSV, audited like an export in the admin."""

    help = "Write the list of names for one recipient as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("slug", help="the petition")
        parser.add_argument(
            "--recipient", type=int, required=True, help="number of the recipient; a wrong one lists them"
        )
        parser.add_argument("--reason", required=True, help="why the list is made; kept in the audit log")
        parser.add_argument(
            "--language", choices=Language.values, default=site_languages()[0], help="of header and countries"
        )
        parser.add_argument("--delimiter", choices=DELIMITERS, default="comma")
        parser.add_argument("--output", type=Path, help="file to write, which must not exist; else standard output")
        parser.add_argument("--dry-run", action="store_true", help="only say how many names there are")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the list to a new file or to standard output."""
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
        if len(options["reason"].strip()) > REASON_LENGTH_MAX:
            message = f"--reason takes at most {REASON_LENGTH_MAX} characters."
            raise CommandError(message)
        self.stderr.write(f"{preview.confirmed} confirmed = {preview.named} with names + {preview.unnamed} without")
        if options["dry_run"]:
            return
        if preview.recipient.profile != Profile.NAMES:
            raise CommandError(TOTALS_ONLY)
        if not preview.recipient.in_versions.exists():
            raise CommandError(NOT_SHOWN)
        layout = Layout(options["language"], DELIMITERS[options["delimiter"]])
        with _opened(options["output"]) as file:
            _write(file, preview.recipient, layout, options["reason"].strip())


def _write(file: BinaryIO, recipient: Recipient, layout: Layout, reason: str) -> None:
    try:
        chunks = start_export(recipient=recipient, layout=layout, reason=reason, actor=None)
    except NotGivenNamesError as error:
        raise CommandError(TOTALS_ONLY) from error
    with closing(chunks):
        file.writelines(chunks)
        file.flush()


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO]:
    """Open standard output, or a new private file that is deleted if it is not completed."""
    if path is None:
        yield sys.stdout.buffer
        return
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError as error:
        message = f"{path} exists already; nothing was written."
        raise CommandError(message) from error
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise CommandError(message) from error
    try:
        with file:
            yield file
    except BaseException:
        # Half a list looks like a whole one.
        path.unlink()
        raise
