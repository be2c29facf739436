"""The base of the site's commands: none works on a database that must not serve, but for those that are needed then."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from django.core.management.base import BaseCommand
from django.db import Error

from signatures.journaling.files import Position
from signatures.journaling.gate import find_problem

# Everything else shows, sends or publishes what may have been withdrawn, or gives numbers to new acts that the journal
# has given to others.
NEEDED_MEANWHILE = {
    "restore": "applies the journal",
    "migrate": "comes before anything can be asked, and runs at every start and upgrade",
    "ensure_roles": "runs at every start, which must go on to where the site says why it is closed",
    "ensure_database_rights": "mends what keeps the gate from asking",
    "check_tally": "judges what was restored, and mends it where a restore stops because of it",
    "check_audit": "judges what was restored",
    "verify_delivery": "judges a file that others hold",
    "doctor": "says what is wrong",
    "tell_operator": "tries the mail that says so",
    "purge_web_cache": "empties the cache in front, which may hold names that were withdrawn",
    "nginx_error_pages": "writes what visitors see meanwhile",
    "rewrite_tables": "takes erased data out of the files, as an account that cannot read the journal",
    "work": "waits by itself until the database may serve",
}


class SiteCommand(BaseCommand):
    """A command that asks first, where it is run by itself, whether the database may serve."""

    # With what it ends then.
    refused_with = 1

    def run_from_argv(self, argv: list[str]) -> None:
        """Run it, or say why not; what a command calls is not asked again: ``restore`` folds and checks the count."""
        if not self.is_needed_meanwhile(argv[2:]) and (sentence := _refusal()):
            self.stderr.write(f"{self.name}: {sentence}")
            sys.exit(self.refused_with)
        super().run_from_argv(argv)

    @property
    def name(self) -> str:
        """Return its name on the command line."""
        return type(self).__module__.rpartition(".")[2]

    def is_needed_meanwhile(self, words: Sequence[str]) -> bool:
        """Return whether it may run while the database must not serve, with these words behind its name."""
        return self.name in NEEDED_MEANWHILE


def _refusal() -> str | None:
    """Return why the database may not serve; one that cannot be asked is told of by the command itself."""
    try:
        found = find_problem(Position())
    except Error:
        return None
    return found.sentence if found else None
