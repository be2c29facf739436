"""Writes a copy of the public pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from signatures.baking.copies import NotOurFolderError, bake, bake_single
from signatures.management.site_command import SiteCommand


class Command(SiteCommand):
    """Writes a copy of the public pages into a folder, or each petition as one file; no name of a signer is in it."""

    help = (
        "Write a read-only copy of the public pages into a folder, for any web space or memory stick: no scripts, no"
        " forms, no names of signers; what signs leads to the living site."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("folder", type=Path, help="a new one, or one with a copy that was made before")
        parser.add_argument("--single", action="store_true", help="write each petition and language as one file")

    def handle(self, *args: Any, folder: Path, single: bool, **options: Any) -> None:
        """Write it, and say how large it is."""
        try:
            copy = (bake_single if single else bake)(folder.absolute())
        except NotOurFolderError as error:
            message = f"{folder} holds something else than a copy: name an empty folder, or a new one."
            raise CommandError(message) from error
        except OSError as error:
            message = f"{folder} could not be written: {error.strerror}."
            raise CommandError(message) from error
        kilobytes = -(-copy.bytes // 1000)
        self.stdout.write(f"{folder}: {copy.files} files, {kilobytes} kB{'' if copy.is_signed else ', not signed'}")
