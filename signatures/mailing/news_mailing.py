"""Queues the mails of published news, so many an hour as the relay may be given, each of them once."""

from __future__ import annotations

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.db.models import Max

from signatures.mailing.envelopes import Envelope
from signatures.models import NewsMailing, NewsSubscriber, OutgoingMail, TextVersion, Update
from signatures.models.choices import MailKind
from signatures.models.clock import UtcHour
from signatures.safeguarding.encryption import encrypt
from signatures.safeguarding.news_keys import decrypt_address

# So few wait in the outbox that those who leave meanwhile are written to no more, and that a relay which is away for
# two days, after which mails are given up, costs only these.
WAITING_MAX = 100


def plan_mailing(update: Update) -> None:
    """Let a news item be mailed once readers see it, in the caller's transaction, if its petition mails its news.

    One that was mailed before, and then taken back, goes on where it stopped.
    """
    if update.petition.news_by_mail:
        NewsMailing.objects.bulk_create([NewsMailing(update=update)], ignore_conflicts=True)


def queue_news() -> int:
    """Queue the next mails with news within the limits, in one transaction, and return how many."""
    with transaction.atomic():
        # All of them, in one order: workers side by side wait for each other here, and keep the limit together.
        unfinished = NewsMailing.objects.all().unfinished().select_related("update").order_by("pk")
        mailings = list(unfinished.select_for_update(of=("self",)))
        if not mailings:
            return 0
        left = settings.NEWS_MAILS_PER_HOUR - NewsMailing.objects.all().queued_this_hour()
        room = min(left, WAITING_MAX - OutgoingMail.objects.all().of_news().count())
        queued = 0
        for mailing in mailings:
            if room > queued:
                queued += _queue(mailing, room - queued)
    return queued


def _queue(mailing: NewsMailing, at_most: int) -> int:
    """Queue a news item for the next subscribers, and note how far that went; return how many mails that were."""
    petition_id = mailing.update.petition_id
    if not TextVersion.objects.newest_of(petition_id).rules.offers_news_by_mail:
        return 0
    everybody = NewsSubscriber.objects.filter(petition=petition_id)
    if mailing.last_subscriber is None:
        mailing.last_subscriber = everybody.aggregate(last=Max("pk"))["last"] or 0
    next_ones = everybody.filter(pk__gt=mailing.queued_up_to, pk__lte=mailing.last_subscriber).order_by("pk")
    # Locked, so that who leaves now waits, and then takes the mail along.
    chosen = list(next_ones.select_for_update()[:at_most])
    mails = [mail for one in chosen if (mail := _mail_to(one, mailing)) is not None]
    OutgoingMail.objects.bulk_create(mails)
    # Fewer than there could be: there are no more.
    mailing.queued_up_to = chosen[-1].pk if len(chosen) == at_most else mailing.last_subscriber
    mailing.save(update_fields=["last_subscriber", "queued_up_to"])
    _count(mailing, len(mails))
    return len(mails)


def _mail_to(subscriber: NewsSubscriber, mailing: NewsMailing) -> OutgoingMail | None:
    """Return a mail, or None to somebody whose key is gone."""
    try:
        address = decrypt_address(subscriber.address_encrypted)
    except InvalidToken:
        return None
    return OutgoingMail(
        kind=MailKind.NEWS,
        petition_id=subscriber.petition_id,
        subscriber=subscriber,
        update=mailing.update,
        language=subscriber.language,
        address_encrypted=Envelope(address, "").seal(),
        secret_encrypted=encrypt(""),
    )


def _count(mailing: NewsMailing, amount: int) -> None:
    """Add to the mails of this hour; those of another hour are forgotten."""
    row = NewsMailing.objects.filter(pk=mailing.pk)
    before = row.filter(hour=UtcHour(TransactionNow())).values_list("in_hour", flat=True).first() or 0
    row.update(hour=UtcHour(TransactionNow()), in_hour=before + amount)
