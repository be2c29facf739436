"""Runs a fake mail server for the settings, queues mails for it, and simulates the passing of time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

from pytest_django import Settings

from signatures.mailing.smtp import SmtpTransport
from signatures.models import Petition
from signatures.signing.my_signature import request_my_signature
from tests.support.database import query
from tests.support.faults.failing_mail_server import Behaviour, mail_server


@contextmanager
def serving(behaviour: Behaviour, settings: Settings, scheme: str = "smtp://") -> Iterator[SmtpTransport]:
    """Run a mail server, point the settings to it, and yield a transport."""
    with mail_server(behaviour) as url:
        settings.EMAIL_URL = url.replace("smtp://", scheme)
        with closing(SmtpTransport(settings.EMAIL_URL)) as transport:
            yield transport


def queue(petition: Petition, address: str) -> None:
    """Queue a mail to an address."""
    request_my_signature(petition=petition, language="en", address=address, sender="000")


def ask(petition: Petition, amount: int, first: int = 0) -> None:
    """Queue a mail to each of this many addresses."""
    for number in range(first, first + amount):
        request_my_signature(petition=petition, language="en", address=f"{number}@example.org", sender="000")


def let_time_pass(hours: int = 1) -> None:
    """Move all retry times of mails and mail server into the past; refusals stay earlier than the next acceptance."""
    wait = timedelta(hours=hours)
    query(
        "UPDATE signatures_outgoingmail SET next_attempt_at = now(), doubted_at = doubted_at - %s",
        [wait + timedelta(seconds=1)],
    )
    query("UPDATE signatures_relay SET retry_at = now() WHERE retry_at IS NOT NULL")
    query("UPDATE signatures_relay SET taken_at = taken_at - %s", [wait])
