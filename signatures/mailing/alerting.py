"""Notes what organisers asked to be told, and makes at most a few mails a day of it for each of them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import connection, transaction

from signatures.mailing.alert_wishes import address_of
from signatures.mailing.envelopes import Envelope
from signatures.models import AlertNews, AlertWish, OutgoingMail, Petition
from signatures.models.alert import NEWS_KEPT, TOLD_AGAIN_AFTER
from signatures.models.choices import AlertKind, MailKind
from signatures.models.clock import over
from signatures.models.mail import TO_ORGANISERS
from signatures.safeguarding.encryption import encrypt

# Wishes in one round; the next round is seconds away.
ALERTS_AT_ONCE = 50
NOTE = """
INSERT INTO signatures_alertnews AS old (wish_id, kind, petition_id, amount, began_at, ended_at)
SELECT wish, %(kind)s, %(petition_id)s, %(amount)s, %(began_at)s, %(ended_at)s
FROM unnest(%(wishes)s::bigint[]) AS wish ORDER BY wish
ON CONFLICT (wish_id, kind, petition_id) DO UPDATE SET
    amount = EXCLUDED.amount,
    began_at = CASE WHEN old.told_at IS NULL THEN least(old.began_at, EXCLUDED.began_at) ELSE EXCLUDED.began_at END,
    ended_at = EXCLUDED.ended_at,
    happened_at = now(), told_at = NULL, mail = NULL
WHERE %(again_after)s::interval IS NULL OR old.told_at <= now() - %(again_after)s::interval
"""


def alert_wave(petition: Petition, *, amount: int | None = None) -> None:
    """Note a wave for those who want to be told, in the caller's transaction; while it goes on, once a day.

    :param amount: of signatures in it, if that is known; mails about petitions that they may not name leave it out
    """
    _note(AlertKind.WAVE, petition_id=petition.pk, amount=amount, again_after=TOLD_AGAIN_AFTER)


def alert_milestone(petition_id: int, amount: int) -> None:
    """Note that a petition has passed a number of signatures, in the caller's transaction.

    A mail that still waits to be made tells the larger number only.
    """
    _note(AlertKind.MILESTONE, petition_id=petition_id, amount=amount)


def alert_outage(began_at: datetime, ended_at: datetime) -> None:
    """Note that the mail server has refused all mails for a while, and takes them again."""
    _note(AlertKind.MAIL, began_at=began_at, ended_at=ended_at)


def alert_refusals() -> None:
    """Note that the mail server refuses some mails; while it does, once a day."""
    _note(AlertKind.MAIL, again_after=TOLD_AGAIN_AFTER)


def _note(
    kind: AlertKind,
    *,
    petition_id: int | None = None,
    amount: int | None = None,
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
    again_after: timedelta | None = None,
) -> None:
    """Note news for everyone who hears of its kind; it takes the place of older news of the same.

    :param again_after: how long after it was told it may be told again; None if it is new each time
    """
    wishes = list(AlertWish.objects.all().that_hear_of(kind, petition_id).values_list("pk", flat=True))
    if not wishes:
        return
    values: dict[str, Any] = {
        "kind": kind.value,
        "petition_id": petition_id,
        "amount": amount,
        "began_at": began_at,
        "ended_at": ended_at,
        "wishes": wishes,
        "again_after": again_after,
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, values)


def queue_alerts() -> int:
    """Queue one mail for each organiser with news whose last one is long enough ago, and return how many."""
    drop_unwanted_news()
    with transaction.atomic():
        due = AlertWish.objects.all().due().select_related("organiser").order_by("alerted_at", "pk")
        wishes = list(due.select_for_update(of=("self",), skip_locked=True)[:ALERTS_AT_ONCE])
        for wish in wishes:
            _queue(wish)
        AlertWish.objects.filter(pk__in=[wish.pk for wish in wishes]).update(alerted_at=TransactionNow())
    return len(wishes)


def _queue(wish: AlertWish) -> None:
    address = address_of(wish)
    if address is None:
        # Its key is gone; the page of its owner says that there is no address.
        return
    message_id = uuid.uuid4()
    AlertNews.objects.waiting().filter(wish=wish).update(told_at=TransactionNow(), mail=message_id)
    OutgoingMail.objects.create(
        kind=MailKind.ALERT,
        wish=wish,
        language=wish.organiser.language or wish.language,
        address_encrypted=Envelope(address, "").seal(),
        secret_encrypted=encrypt(""),
        message_id=message_id,
    )


def drop_unwanted_news() -> None:
    """Delete news that nobody waits for any more, and told ones that are old enough to be told anew."""
    waiting = AlertNews.objects.waiting()
    for kind, petition_id in set(waiting.values_list("kind", "petition_id")):
        hearing = AlertWish.objects.all().that_hear_of(AlertKind(kind), petition_id)
        waiting.filter(kind=kind, petition=petition_id).exclude(wish__in=hearing).delete()
    AlertNews.objects.filter(over("told_at", NEWS_KEPT)).exclude(
        mail__in=OutgoingMail.objects.filter(kind__in=TO_ORGANISERS).values("message_id")
    ).delete()


def forget_petition(petition: Petition) -> None:
    """Delete the alerts about a petition, in the caller's transaction, queued ones included."""
    AlertNews.objects.filter(petition=petition).delete()
    mails = OutgoingMail.objects.filter(kind=MailKind.ALERT)
    mails.exclude(message_id__in=AlertNews.objects.filter(mail__isnull=False).values("mail")).delete()
