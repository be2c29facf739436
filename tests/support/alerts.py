"""Switches on an organiser's alerts over the desk, and makes time pass for them."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import cast

from django.contrib.postgres.functions import TransactionNow
from django.http import HttpResponse
from django.test import Client

from signatures.mailing.alerting import queue_alerts
from signatures.mailing.envelopes import Envelope
from signatures.models import AlertWish, Organiser
from tests.support import factories
from tests.support.database import query
from tests.support.mailbox import Mailbox, code_in

GUARDED_SUBJECT = "Something waits for you at the desk"
DAY = timedelta(days=1, minutes=1)

PATH = "/admin/alerts/"
ADDRESS = "organiser@example.org"
EVERYTHING = ("WAVE", "MILESTONE", "MAIL")


def enter(client: Client, address: str = ADDRESS, kinds: tuple[str, ...] = EVERYTHING) -> HttpResponse:
    """Enter an address and tick what to be told."""
    return cast("HttpResponse", client.post(PATH, {"action": "save", "email": address, "kinds": kinds}))


def type_code(client: Client, code: str) -> HttpResponse:
    """Type the code from the mail."""
    return cast("HttpResponse", client.post(PATH, {"action": "confirm", "code": code}))


def switch_on(
    client: Client, mailbox: Mailbox, address: str = ADDRESS, kinds: tuple[str, ...] = EVERYTHING
) -> AlertWish:
    """Enter an address, and confirm it by the code that comes to it."""
    assert enter(client, address, kinds).status_code == 302
    (mail,) = mailbox.deliver()
    assert mail["To"] == address
    assert type_code(client, code_in(mail)).status_code == 302
    return AlertWish.objects.get(organiser=owner_of(client), confirmed_at__isnull=False)


def make_wish(address: str = ADDRESS, role: str = "Organisers") -> AlertWish:
    """Store the confirmed wish of a new organiser to be told everything."""
    return AlertWish.objects.create(
        organiser=factories.make_organiser(role),
        kinds=[*EVERYTHING],
        language="en",
        address_encrypted=Envelope(address, "").seal(),
        confirmed_at=TransactionNow(),
    )


def owner_of(client: Client) -> Organiser:
    """Return whose browser it is."""
    return Organiser.objects.get(pk=client.session["_auth_user_id"])


def told(mailbox: Mailbox) -> list[EmailMessage]:
    """Make the mails that are due, as the worker does, and return those that came."""
    queue_alerts()
    return mailbox.deliver()


def let_alerts_grow_old(by: timedelta) -> None:
    """Move everything that alerts remember back in time."""
    query("UPDATE signatures_alertwish SET alerted_at = alerted_at - %s, asked_at = asked_at - %s", [by, by])
    query("UPDATE signatures_alertwish SET codes_on = codes_on - (%s)", [by.days])
    query("DELETE FROM signatures_mailcount")
    query("UPDATE signatures_alertnews SET told_at = told_at - %s", [by])
