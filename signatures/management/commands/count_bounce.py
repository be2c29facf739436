"""Counts one bounce that a mail server pipes in."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import CommandError

from signatures.mailing.bounce_child import MESSAGE_BYTES_MAX
from signatures.mailing.bounces import count_bounces, read_bounce
from signatures.management.site_command import SiteCommand

PIECE_BYTES = 1 << 16


class Command(SiteCommand):
    """Reads one message from standard input and counts it: large provider, kind and day, nothing else.

    Exits with 0 once it is counted, and with EX_TEMPFAIL (75) on any failure, so that the mail server keeps the message
    and retries.
    """

    help = "Count one mail that came back, read from standard input; for the pipe of a mail server."
    # A failing check would exit with a status that makes the mail server discard the message.
    requires_system_checks = []
    refused_with = os.EX_TEMPFAIL

    def handle(self, *args: Any, **options: Any) -> None:
        """Count the message on standard input."""
        try:
            message = sys.stdin.buffer.read(MESSAGE_BYTES_MAX)
            # Read to the end, since mail servers treat a closed pipe as a failure.
            while sys.stdin.buffer.read(PIECE_BYTES):
                pass
            count_bounces([read_bounce(message)])
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail server shall retry
            # Without the error's message, which may quote the mail and would end up in the mail server's log.
            raise CommandError(f"not counted now: {type(error).__name__}", returncode=os.EX_TEMPFAIL) from None
