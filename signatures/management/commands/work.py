"""Runs the worker."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signatures.worker import Worker


class Command(BaseCommand):
    """Sends mails, folds the tally and expires attempts until a signal stops it, after finishing the current mail."""

    help = "Send mails, fold the tally and clear up, until told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--once", action="store_true", help="work through what is due and end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the worker's loop until SIGTERM or SIGINT, or just one round."""
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
        worker.run()
