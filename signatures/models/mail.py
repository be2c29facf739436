"""OutgoingMail, the only place where a signer's address is stored, encrypted, until a mail is sent; limits."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from signatures.languages import shipped_choices
from signatures.models.alert import AlertWish
from signatures.models.attempt import Attempt
from signatures.models.choices import MailKind
from signatures.models.news_mail import NewsSubscriber
from signatures.models.petition import Petition
from signatures.models.relay import RelayFault
from signatures.models.update import Update

TO_ORGANISERS = [MailKind.ALERT, MailKind.ALERT_CHECK]
ABOUT_NO_ATTEMPT = [*TO_ORGANISERS, MailKind.NEWS_CHECK, MailKind.NEWS]


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    """Queries for the outbox."""

    def due(self) -> OutgoingMailQuerySet:
        """Keep those that are due and not claimed by a worker."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=TransactionNow())).filter(
            next_attempt_at__lte=TransactionNow()
        )

    def late(self, by: timedelta) -> OutgoingMailQuerySet:
        """Keep those that should have been sent this long ago; mails deferred by a limit are not late."""
        since = TransactionNow() - by
        return self.filter(created_at__lt=since).filter(Q(attempts_made__gt=0) | Q(next_attempt_at__lt=since))

    def waiting_since(self, at_most: int) -> list[datetime]:
        """Return since when each of the oldest mails has waited, the oldest first."""
        return list(self.order_by("id").values_list("created_at", flat=True)[:at_most])

    def to_signers(self) -> OutgoingMailQuerySet:
        """Keep those that visitors have just asked for."""
        return self.exclude(kind__in=[*TO_ORGANISERS, MailKind.NEWS])

    def of_news(self) -> OutgoingMailQuerySet:
        """Keep the news of petitions, which many get at once."""
        return self.filter(kind=MailKind.NEWS)

    def to_organisers(self) -> OutgoingMailQuerySet:
        """Keep the alerts, and the codes that organisers' addresses are confirmed by."""
        return self.filter(kind__in=TO_ORGANISERS)

    def refused(self) -> OutgoingMailQuerySet:
        """Keep those that the mail server refused for a reason that may be our fault."""
        return self.exclude(fault="")


class OutgoingMail(models.Model):
    """A mail still to be sent."""

    kind = models.CharField(max_length=12, choices=MailKind.choices)
    # None for mails to organisers.
    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, null=True, related_name="+")
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, null=True, related_name="+")
    # For a mail to an organiser. It ends with the wish.
    wish = models.ForeignKey(AlertWish, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    # For a mail with news: to whom, and which. Without an index, since an update is hardly ever deleted.
    subscriber = models.ForeignKey(
        NewsSubscriber, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    update = models.ForeignKey(Update, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    language = models.CharField(max_length=2, choices=shipped_choices)
    address_encrypted = models.BinaryField()
    secret_encrypted = models.BinaryField()
    # For a my-signature mail, so that withdrawing finds it; those of a confirmation mail are on its attempt. Never a
    # mail key: next to an email key it would reveal for which petitions a mailbox was used.
    email_keys = ArrayField(models.BinaryField(), null=True)
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(db_default=TransactionNow())
    attempts_made = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=TransactionNow())
    claimed_until = models.DateTimeField(null=True)
    counted = models.BooleanField(default=False)
    # Why the mail server refused it, if that may be our fault.
    fault = models.CharField(max_length=13, blank=True, default="", db_default="")
    # When it was last refused for a reason that may concern it or us, and after how many such refusals others
    # succeeded.
    doubted_at = models.DateTimeField(null=True)
    doubts = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = OutgoingMailQuerySet.as_manager()

    # The counters that include it, from claiming until it is sent or returned to the queue.
    counted_under: Sequence[bytes] = ()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MailKind.values), name="mail_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=MailKind.CONFIRM, attempt__isnull=False, email_keys__isnull=True)
                | Q(kind=MailKind.MY_SIGNATURE, attempt__isnull=True)
                | Q(kind__in=ABOUT_NO_ATTEMPT, attempt__isnull=True, email_keys__isnull=True),
                name="mail_about_an_attempt",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TO_ORGANISERS, petition__isnull=True, wish__isnull=False)
                | (~Q(kind__in=TO_ORGANISERS) & Q(petition__isnull=False, wish__isnull=True)),
                name="mail_to_signer_or_organiser",
            ),
            models.CheckConstraint(
                condition=Q(kind=MailKind.NEWS, subscriber__isnull=False, update__isnull=False)
                | (~Q(kind=MailKind.NEWS) & Q(subscriber__isnull=True, update__isnull=True)),
                name="mail_of_news",
            ),
            models.CheckConstraint(condition=Q(fault__in=["", *RelayFault.values]), name="mail_fault_known"),
        ]
        indexes = [
            models.Index("next_attempt_at", "id", name="mail_due"),
            models.Index("wish", name="mail_of_wish", condition=Q(wish__isnull=False)),
            # So that these few are found among any number of mails to signers.
            models.Index("next_attempt_at", "id", name="mail_due_to_organisers", condition=Q(kind__in=TO_ORGANISERS)),
            models.Index("next_attempt_at", "id", name="mail_due_of_news", condition=Q(kind=MailKind.NEWS)),
            models.Index("subscriber", name="mail_of_subscriber", condition=Q(subscriber__isnull=False)),
            # Without fastupdate, since each withdrawal would scan the pending list.
            GinIndex(fields=["email_keys"], name="mail_keys", fastupdate=False, condition=Q(email_keys__isnull=False)),
        ]

    def __str__(self) -> str:
        """Return the id, which reveals nothing about the addressee."""
        return f"{self.pk}"


class MailCount(models.Model):
    """The number of mails sent in a time window for one keyed hash; the row is deleted when the window ends.

    UNLOGGED (``mail.sql``): its keys are not in the write-ahead log, in base backups or on replicas, where they could
    be linked to the keys written at the same moment. A crash empties the table.
    """

    key = models.BinaryField(max_length=32, unique=True)
    ends_at = models.DateTimeField()
    amount = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index("ends_at", name="mail_count_end")]

    def __str__(self) -> str:
        """Return when the window ends."""
        return f"{self.ends_at}"


class Suppression(models.Model):
    """An address that asked for no more mails, stored as its mail key only."""

    mail_key = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        """Return the id, which reveals nothing about the address."""
        return f"{self.pk}"


class WorkerBeat(models.Model):
    """When a worker last completed a round of its loop; readiness goes by the newest."""

    worker = models.UUIDField(unique=True)
    beat_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        """Return the time of the round."""
        return f"{self.beat_at}"
