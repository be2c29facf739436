"""Runs the worker."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

from django.core.checks import Tags
from django.core.management.base import CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, OperationalError

from signatures.journaling.gate import GATE
from signatures.management.site_command import SiteCommand
from signatures.models.schema_state import MIGRATE, schema_state
from signatures.worker import Worker


class Command(SiteCommand):
    """Sends mails, folds the tally and expires attempts until a signal stops it, after finishing the current mail."""

    help = "Send mails, fold the tally and clear up, until told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--once", action="store_true", help="work through what is due and end")

    def is_needed_meanwhile(self, words: Sequence[str]) -> bool:
        """Return whether it is the loop, which looks by itself."""
        options, _ = self.create_parser("manage.py", self.name).parse_known_args(list(words))
        return not options.once

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the worker's loop until SIGTERM or SIGINT, or just one round."""
        # One that cannot be reached yet is waited for.
        with suppress(OperationalError):
            self.check(tags=[Tags.database], databases=[DEFAULT_DB_ALIAS])
            if older := schema_state().older_sentence:
                message = f"{older} {MIGRATE}"
                raise CommandError(message)
        worker = Worker()
        if options["once"]:
            mails = 0
            while handled := worker.round():
                mails += handled
            worker.transport.close()
            self.stdout.write(f"mails handled: {mails}")
            return

        def stop(signum: int, frame: FrameType | None) -> None:
            worker.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        GATE.watch()
        worker.run()
