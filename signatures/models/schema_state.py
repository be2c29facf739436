"""Whether the code and the tables are of one version, by the migrations that each knows of."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

MIGRATE = "Run `manage.py migrate` as the role that owns the tables; `petition prepare` does."
GO_BACK = (
    "For a while this version may run on it: the notes of the newer one say if not. Install the newer one again as soon"
    " as it works; while people sign, take no migration back."
)


# Others come with packages, and their tables hold nothing of signers.
OURS = "signatures"


@dataclass(frozen=True)
class SchemaState:
    """What code and database do not have in common.

    :ivar missing: how many migrations of the code the database has not seen
    :ivar newer: how many of ours, or of installed packages, the database has seen that this code does not know
    :ivar foreign: how many are of apps that were never here, or are no more
    """

    missing: int
    newer: int
    foreign: int

    @property
    def older_sentence(self) -> str | None:
        """Return that this code cannot serve from these tables, or None."""
        if not self.missing:
            return None
        return f"The database is older than the code: {self.missing} migrations are missing."

    @property
    def newer_sentence(self) -> str | None:
        """Return that a newer version has been here, or None: the tables may be such that this code still runs."""
        if not self.newer:
            return None
        return f"The database is newer than the code: {self.newer} of its migrations are unknown here."


def schema_state() -> SchemaState:
    """Compare the migrations of the code with those that the database has seen."""
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    applied = set(loader.applied_migrations or ())
    unknown = applied - _known(loader)
    foreign = {migration for migration in unknown if migration[0] not in apps.app_configs}
    return SchemaState(len(loader.graph.nodes.keys() - applied), len(unknown - foreign), len(foreign))


def newest_migration() -> str:
    """Return the newest migration of ours that the database has seen."""
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    # Of those that others stand for, names may be higher.
    return max(name for app, name in set(loader.applied_migrations or ()) - _replaced(loader) if app == OURS)


def knows_migration(name: str) -> bool:
    """Return whether this code knows a migration of ours."""
    return (OURS, name) in _known(MigrationLoader(None, ignore_no_migrations=True))


def _known(loader: MigrationLoader) -> set[tuple[str, str]]:
    return set(loader.disk_migrations or ()) | _replaced(loader)


def _replaced(loader: MigrationLoader) -> set[tuple[str, str]]:
    return {name for migration in (loader.disk_migrations or {}).values() for name in migration.replaces}
