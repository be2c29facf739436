"""Counts one mail that came back, given by a mail server."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signatures.mailing.bounce_child import MESSAGE_BYTES_MAX
from signatures.mailing.bounces import count_bounces, read_bounce

PIECE_BYTES = 1 << 16


class Command(BaseCommand):
    """Reads one message from standard input and counts it: large provider, kind and day, nothing else.

    Ends with 0 once it is counted, and with EX_TEMPFAIL (75) whatever else happens, so that the mail server keeps the
    message and tries again.
    """

    help = "Count one mail that came back, read from standard input; for the pipe of a mail server."
    # What is wrong there would end with a status that throws the message away.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        try:
            message = sys.stdin.buffer.read(MESSAGE_BYTES_MAX)
            # A mail server takes it for a failure where nobody reads to the end.
            while sys.stdin.buffer.read(PIECE_BYTES):
                pass
            count_bounces([read_bounce(message)])
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail server shall try again
            # Its message may quote the mail, and the mail server would put it into its log.
            raise CommandError(f"not counted now: {type(error).__name__}", returncode=os.EX_TEMPFAIL) from None
