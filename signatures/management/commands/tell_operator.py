"""Tests the mail to the operator and the dead man's switch."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from signatures.mailing.replies import RefusedError
from signatures.mailing.transports import open_transport
from signatures.management.site_command import SiteCommand
from signatures.operating.pinging import Pinger, PingError
from signatures.operating.telling import send_test


class Command(SiteCommand):
    """Sends a mail to OPERATOR_EMAIL and a sign of life to OPERATOR_PING_URL, each if it is set."""

    help = "Send a test mail to OPERATOR_EMAIL and a sign of life to OPERATOR_PING_URL."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say of each what became of it, and end with 1 where it failed."""
        problems = [*self._mail(), *self._ping()]
        if problems:
            raise CommandError(" ".join(problems))

    def _mail(self) -> list[str]:
        if not settings.OPERATOR_EMAIL:
            self.stdout.write("OPERATOR_EMAIL is not set: nobody is sent mails about what is amiss.")
            return []
        try:
            with closing(open_transport()) as transport:
                send_test(transport)
        except RefusedError as refusal:
            kind = refusal.verdict.fault or refusal.verdict.concern
            return [f"The mail server refused the mail at {refusal.verdict.stage.name}: {kind} ({refusal.code})."]
        self.stdout.write("The mail server has taken a mail to OPERATOR_EMAIL. Look whether it arrives.")
        return []

    def _ping(self) -> list[str]:
        if not settings.OPERATOR_PING_URL:
            self.stdout.write("OPERATOR_PING_URL is not set: nobody notices if the whole server is away.")
            return []
        try:
            Pinger().send(is_fine=True)
        except PingError as error:
            return [f"The sign of life to OPERATOR_PING_URL was not taken ({error})."]
        self.stdout.write("The sign of life to OPERATOR_PING_URL was taken.")
        return []
