"""Makes a backup."""

from __future__ import annotations

from typing import Any

import pyrage
from django.conf import settings
from django.core.management.base import CommandError

from signatures.journaling import sweep
from signatures.journaling.files import JournalUnwritableError
from signatures.management.site_command import SiteCommand
from signatures.models.clock import instant_of_now
from signatures.restoring.dumping import BackupError, make_backup
from signatures.restoring.manifests import delete_old_backups, delete_unfinished
from signatures.restoring.programs import NoProgramError


class Command(SiteCommand):
    """Writes an encrypted backup into BACKUP_FOLDER, and deletes those that are too old."""

    help = "Write an encrypted backup of the database and the erasure journal, and delete those older than BACKUP_DAYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete what is too old, also where no new one can be made, and make the new one."""
        folder = settings.BACKUP_FOLDER
        if folder is None or not settings.BACKUP_RECIPIENT:
            message = "Set BACKUP_FOLDER, and BACKUP_RECIPIENT to a public age key; docs/backup.md says how."
            raise CommandError(message)
        if settings.BACKUP_DAYS == 0:
            message = "BACKUP_DAYS is 0: the site's pages promise that there are no backups."
            raise CommandError(message)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        delete_unfinished(folder)
        deleted = delete_old_backups(folder, instant_of_now())
        try:
            sweep()
            made = make_backup(folder, settings.BACKUP_RECIPIENT)
        except pyrage.RecipientError as error:
            message = "BACKUP_RECIPIENT is no public age key: age-keygen prints it."
            raise CommandError(message) from error
        except JournalUnwritableError as error:
            message = "The erasure journal cannot be written, and a backup that it does not know cannot be restored."
            raise CommandError(message) from error
        except (BackupError, NoProgramError) as error:
            raise CommandError(str(error)) from error
        deleted += delete_old_backups(folder, instant_of_now())
        self.stdout.write(f"{made.file}: {made.size} bytes, as of {made.taken_at}")
        self.stdout.write(f"older ones deleted: {deleted}")
