"""Restores a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg2
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError, transaction

from signatures.journaling.files import JournalDamagedError, ReadJournal, read_journal
from signatures.journaling.folders import known_needs
from signatures.management.commands.ensure_database_rights import ensure_rights
from signatures.management.site_command import SiteCommand
from signatures.models import JournalFolder, Serving
from signatures.models.database_roles import as_owner
from signatures.models.schema_state import knows_migration, schema_state
from signatures.restoring.campaigns import less_guarded_than_wanted
from signatures.restoring.dumping import BackupError, check_file
from signatures.restoring.keeping import how_to_copy, keep_files
from signatures.restoring.loading import (
    LoadingError,
    State,
    holds_backup,
    load_backup,
    read_identity,
    state_of_database,
)
from signatures.restoring.manifests import missing_secrets, needs_of, read_manifest
from signatures.restoring.needing import what_is_missing
from signatures.restoring.programs import NoProgramError
from signatures.restoring.replaying import apply_journal

NEWER = "This backup was made by a newer version: restore it with that one, or a later one."
NEWER_TABLES = "The tables of this database were made by a newer version: restore with that one, or a later one."
LOST = (
    "THE JOURNAL IS INCOMPLETE: whoever withdrew or lowered since {}, and is not in what is left of it, is shown"
    " again. Say so on the petition's page, so that they repeat it, before you open the site. A journal that is found"
    " later must not be applied any more."
)
ENDS = (
    "journal {}: ends with {:%Y-%m-%d %H:%M:%S} (UTC). If that machine served for longer, whoever withdrew or lowered"
    " there afterwards is shown again."
)
TO_PUBLISH = "Publish these petitions' texts before you open the site, since they are less guarded than they were: {}"
NOT_KEPT = (
    "ERASURE_JOURNAL cannot be written by this account. Unless the journals came from there, before you start the site,"
    " as root: {} (where a file there is shorter, copy it by hand)"
)
NOT_FITTING = "What the journal says does not fit {}: nothing of it was applied, and the database does not serve."
NOT_EMPTY = "The database is not empty. Make a new one, and name it in DATABASE_URL: nothing is loaded over another."


def _where(error: IntegrityError) -> str:
    told = error.__cause__.diag if isinstance(error.__cause__, psycopg2.Error) else None
    names = [told.table_name, told.constraint_name] if told is not None else []
    return ", ".join(name for name in names if name) or "the database"


class Command(SiteCommand):
    """Loads a backup into an empty database, and takes away again what was taken away since; only then it serves."""

    help = (
        "Load a backup into an empty database and apply the erasure journal to it. With --in-place apply the journal to"
        " a database that was restored in another way."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("file", nargs="?", type=Path, help="the backup: ….dump.age")
        parser.add_argument("--identity", type=Path, help="file with the private half of the age key")
        parser.add_argument(
            "--journal",
            type=Path,
            action="append",
            required=True,
            help="folder with an erasure journal; once for each machine that has served",
        )
        parser.add_argument("--in-place", action="store_true", help="the database is there already")
        parser.add_argument(
            "--journal-is-lost",
            action="store_true",
            help="go on without journals that the backup needs: who has withdrawn since is shown again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, apply, check; each step can be repeated after whatever interrupts it."""
        path: Path | None = options["file"]
        if options["in_place"] == (path is not None):
            message = "Name a backup, or say --in-place."
            raise CommandError(message)
        try:
            # Before anything is loaded: without it nothing may serve.
            journal = read_journal(options["journal"])
            with as_owner():
                name = "in place" if path is None else self._load(path, options, journal)
                self._apply(journal, name, options)
        except (JournalDamagedError, LoadingError, NoProgramError, BackupError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        except IntegrityError as error:
            # PostgreSQL would name what stands in the row.
            raise CommandError(NOT_FITTING.format(_where(error))) from None

    def _load(self, path: Path, options: dict[str, Any], journal: ReadJournal) -> str:
        """Load a backup unless that is done, and return when it was taken."""
        if options["identity"] is None:
            message = "Name the file with the private key: --identity."
            raise LoadingError(message)
        key = read_identity(options["identity"])
        if not path.exists():
            message = f"There is no {path}."
            raise LoadingError(message)
        try:
            manifest = read_manifest(path)
        except ValueError as error:
            message = f"{error} beside the backup is damaged. Move it away if the backup itself is whole."
            raise LoadingError(message) from error
        if manifest is not None:
            check_file(path, manifest)
            if not knows_migration(manifest.schema):
                raise LoadingError(NEWER)
            if (lack := what_is_missing(needs_of(manifest), journal)) and not options["journal_is_lost"]:
                raise LoadingError(lack)
            if missing := missing_secrets(manifest):
                message = (
                    f"This backup was made under other secrets: {', '.join(missing)} must hold those of its time, too."
                )
                raise LoadingError(message)
        state = state_of_database()
        if state == State.EMPTY:
            load_backup(path, key)
            self.stdout.write("loaded: yes")
        elif state == State.WAITING and holds_backup(needs_of(manifest).backed_up_at if manifest else None):
            self.stdout.write("loaded: before, by an earlier try")
        else:
            raise LoadingError(NOT_EMPTY)
        return manifest.taken_at if manifest else path.name

    def _apply(self, journal: ReadJournal, name: str, options: dict[str, Any]) -> None:
        # Before anything is changed: older code would leave what it does not know, and let it serve.
        if state_of_database() in (State.SERVING, State.WAITING) and schema_state().newer:
            raise LoadingError(NEWER_TABLES)
        # From now on nobody serves, also where the copy was made in another way, or the migrations say that one may.
        if state_of_database() in (State.SERVING, State.WAITING):
            Serving.objects.all().delete()
        call_command("migrate", interactive=False, verbosity=0)
        Serving.objects.all().delete()
        # Again, by what the database itself says: there may be no manifest.
        lack, is_lost = what_is_missing(known_needs(), journal), options["journal_is_lost"]
        if lack and not is_lost:
            raise LoadingError(lack)
        if is_lost:
            # First, since whatever follows may stop, and is run again then.
            self.stdout.write(LOST.format("this copy was made" if options["in_place"] else name))
        applied = apply_journal(journal.entries, backup=name, is_incomplete=is_lost)
        self.stdout.write(f"journal: {journal.files} files, {len(journal.entries)} entries, {journal.torn} cut off")
        for machine, end in sorted(journal.ends.items()):
            self.stdout.write(ENDS.format(machine, end))
        for about, amount in applied.amounts.items():
            self.stdout.write(f"{about}: {amount}")
        call_command("fold_tally", stdout=self.stdout)
        call_command("check_tally", stdout=self.stdout)
        call_command("check_audit", stdout=self.stdout)
        # A backup keeps no rights.
        ensure_rights()
        self._keep(options["journal"])
        with transaction.atomic():
            if is_lost:
                # Those that are written from now on note themselves; the others are needed no more.
                JournalFolder.objects.all().delete()
            Serving.objects.get_or_create(pk=1)
        if petitions := less_guarded_than_wanted():
            self.stdout.write(TO_PUBLISH.format(", ".join(petitions)))
        self.stdout.write("This database may serve.")

    def _keep(self, places: list[Path]) -> None:
        try:
            copied = keep_files(places)
        except OSError:
            self.stdout.write(NOT_KEPT.format(how_to_copy(places)))
        else:
            self.stdout.write(f"files copied into ERASURE_JOURNAL: {copied}")
