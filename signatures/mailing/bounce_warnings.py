"""Warns of providers that bounce many mails, and of a mailbox for bounces that is not read."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from signatures.mailing.bounce_mailbox import place_of
from signatures.models import BounceCount, BounceMailbox

UNREAD_AFTER = timedelta(hours=1)
REFUSED = "Mails that {provider} has sent back for good since yesterday: {amount}. It may be refusing this site."
REFUSED_ELSEWHERE = (
    "Mails that domains of no large provider have sent back for good since yesterday: {amount}."
    " Somebody may be entering addresses that do not exist."
)
UNREAD = (
    "The mailbox of BOUNCE_URL has not been read to its end for an hour: what came back waits there, with addresses."
)
WAITING = (
    "Mails in the mailbox of BOUNCE_URL that wait to be read: {amount}. The newest thousand are read, minute by minute;"
    " what is older is deleted unread and counted as “cannot be told”."
)
STRANGERS = (
    "Mails in the mailbox of BOUNCE_URL that are not addressed to BOUNCE_ADDRESS: {amount}. They are neither counted"
    " nor deleted: give bounces a folder of their own, and look through these by hand."
)


def bounce_warnings() -> list[str]:
    """Return a sentence for each provider that bounces many mails, and for each problem of the mailbox.

    :raises django.db.Error: if the database cannot be reached
    """
    warnings = [
        REFUSED.format(provider=provider, amount=amount) if provider else REFUSED_ELSEWHERE.format(amount=amount)
        for provider, amount in BounceCount.objects.all().refusing()
    ]
    if settings.BOUNCE_URL:
        place = place_of(settings.BOUNCE_URL).digest
        if not BounceMailbox.objects.was_read_within(place, UNREAD_AFTER):
            warnings.append(UNREAD)
        if amount := BounceMailbox.objects.waiting(place):
            warnings.append(WAITING.format(amount=amount))
        if amount := BounceMailbox.objects.strangers(place):
            warnings.append(STRANGERS.format(amount=amount))
    return warnings
