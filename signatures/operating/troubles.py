"""Finds what is amiss, and remembers since when, so that the operator is told in time and not too often."""

from __future__ import annotations

import math
from datetime import UTC, timedelta

from django.db import transaction
from django.utils import translation

from signatures.mailing.bounce_warnings import bounce_warnings
from signatures.mailing.relaying import relay_warnings
from signatures.models import MailOutcome, OutgoingMail, Relay, Switch, Trouble
from signatures.models.clock import lately, over
from signatures.models.operating import MailResult, TroubleKind
from signatures.models.relay import relay_key
from signatures.operating.places import BACKUP_LATE_SECONDS, GIB, backup_age, disks, is_nearly_full
from signatures.publishing.health import (
    MAIL_LATE,
    MAIL_LATE_AFTER,
    PLACEHOLDER,
    placeholder_contacts,
    transport_warnings,
)
from signatures.safeguarding.proxy_warnings import proxy_warnings
from signatures.safeguarding.rate_limits import store_warnings
from signatures.safeguarding.rewrite_warnings import rewrite_warnings
from signatures.safeguarding.switches import NOTHING_SENT, are_mails_held

# Mails that are given up are told of for as long.
GIVEN_UP_LATELY = timedelta(days=1)
# A shorter refusal delays nobody, and ends by itself.
REFUSING_FOR = timedelta(minutes=15)
GIVEN_UP = (
    "Mails could not be sent within 48 hours and were given up, the last of them within a day; their addresses are"
    " erased. So far: {amount}. Whoever waited for one of them has to fill in the form again."
)
RELAY = "The mail server has refused all mails for more than a quarter of an hour."
# An evening; within two days mails that wait are lost.
STILL_ON_AFTER = timedelta(hours=6)
STILL_ON = "The emergency switch {name} has been on since {since} UTC. Turn it off when the emergency is over."
HELD = "No mail is sent meanwhile: whoever has waited for one for 48 hours has to fill in the form again."
BACKUP_NONE = "No backup has been made yet, or the folder BACKUP_FOLDER cannot be read. Make one, and look at its log."
BACKUP_LATE = "The last good backup is {hours} hours old. Look at the log of the backup, and at the disk."
DISK = "The disk with the {name} has {free} GiB free of {size} GiB. A full disk keeps people from signing."


def find_troubles() -> dict[TroubleKind, list[str]]:
    """Return what is amiss now, by kind, in sentences for the operator that name no person.

    :raises django.db.Error: if the database cannot be reached
    """
    with translation.override("en"):
        refusals = relay_warnings()
    found = {
        TroubleKind.GIVEN_UP: _given_up(),
        TroubleKind.RELAY: _refusing(refusals),
        TroubleKind.LATE: _late(refusals),
        TroubleKind.BACKUP: _backup(),
        TroubleKind.DISK: _full_disks(),
        TroubleKind.SWITCH: _still_on(),
        TroubleKind.ERASED: rewrite_warnings(),
        TroubleKind.BOUNCES: bounce_warnings(),
        # Those on contacts name petitions, and a mail to the operator does not.
        TroubleKind.CONTACT: [*transport_warnings(), *_placeholders()],
        TroubleKind.PROXIES: proxy_warnings(),
        # After those, which have just asked the store.
        TroubleKind.COUNTERS: store_warnings(),
    }
    return {kind: sentences for kind, sentences in found.items() if sentences}


def note_troubles(found: dict[TroubleKind, list[str]]) -> None:
    """Store which kinds of trouble there are now; those that are not found any more are over."""
    with transaction.atomic():
        Trouble.objects.bulk_create([Trouble(kind=kind) for kind in found], ignore_conflicts=True)
        # In one order, for other workers that look at the same time.
        rows = list(Trouble.objects.select_for_update().order_by("kind"))
        Trouble.objects.all().go_on([row.kind for row in rows if row.kind in found])
        Trouble.objects.all().end([row.kind for row in rows if row.kind not in found])
        Trouble.objects.all().to_forget().delete()


def is_in_trouble() -> bool:
    """Return whether something lasts that somebody must see to today."""
    return any(TroubleKind(kind).is_urgent for kind in Trouble.objects.all().lasting().values_list("kind", flat=True))


def _placeholders() -> list[str]:
    return [PLACEHOLDER.format(which="a petition")] if placeholder_contacts() else []


def _given_up() -> list[str]:
    row = MailOutcome.objects.filter(lately("at", GIVEN_UP_LATELY), result=MailResult.GIVEN_UP).first()
    return [GIVEN_UP.format(amount=row.amount)] if row is not None else []


def _refusing(refusals: list[str]) -> list[str]:
    refusing = Relay.objects.filter(over("refuses_since", REFUSING_FOR), key=relay_key())
    return [RELAY, *refusals] if refusing.exists() else []


def _still_on() -> list[str]:
    on = Switch.objects.filter(over("on_since", STILL_ON_AFTER)).order_by("name")
    sentences = [STILL_ON.format(name=one.name, since=f"{one.on_since.astimezone(UTC):%Y-%m-%d %H:%M}") for one in on]
    return [*sentences, *([HELD] if {one.name for one in on} & NOTHING_SENT else [])]


def _late(refusals: list[str]) -> list[str]:
    if are_mails_held():
        # On purpose; that it lasts is told by itself.
        return []
    amount = OutgoingMail.objects.all().late(MAIL_LATE_AFTER).count()
    return [MAIL_LATE.format(amount=amount), *refusals] if amount else []


def _backup() -> list[str]:
    age = backup_age()
    if age is None or age < BACKUP_LATE_SECONDS:
        return []
    return [BACKUP_NONE] if math.isinf(age) else [BACKUP_LATE.format(hours=int(age // 3600))]


def _full_disks() -> list[str]:
    return [
        DISK.format(name=name, free=round(disk.free / GIB, 1), size=round(disk.size / GIB, 1))
        for name, disk in disks().items()
        if is_nearly_full(disk)
    ]
