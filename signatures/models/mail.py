"""OutgoingMail and what limits it: the only place where an address is stored, encrypted, until the mail is sent."""

from __future__ import annotations

import uuid
from datetime import date

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q

from signatures.models.attempt import Attempt
from signatures.models.choices import Language, MailKind
from signatures.models.petition import Petition


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    """Reads of the outbox."""

    def due(self) -> OutgoingMailQuerySet:
        """Keep those whose turn has come and which no worker holds."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=TransactionNow())).filter(
            next_attempt_at__lte=TransactionNow()
        )


class OutgoingMail(models.Model):
    """A mail still to be sent."""

    kind = models.CharField(max_length=12, choices=MailKind.choices)
    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="+")
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, null=True, related_name="+")
    language = models.CharField(max_length=2, choices=Language.choices)
    address_encrypted = models.BinaryField()
    secret_encrypted = models.BinaryField()
    mail_key = models.BinaryField(max_length=32)
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(db_default=TransactionNow())
    attempts_made = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=TransactionNow())
    claimed_until = models.DateTimeField(null=True)
    counted = models.BooleanField(default=False)

    objects = OutgoingMailQuerySet.as_manager()

    # The UTC day in whose count it takes part, from claiming until it is sent or given back.
    claimed_on: date

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MailKind.values), name="mail_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=MailKind.CONFIRM, attempt__isnull=False)
                | Q(kind=MailKind.MY_SIGNATURE, attempt__isnull=True),
                name="mail_about_an_attempt",
            ),
        ]
        indexes = [
            models.Index("next_attempt_at", "id", name="mail_due"),
            models.Index("mail_key", "kind", "petition", F("id").desc(), name="mail_newest"),
        ]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the addressee."""
        return f"{self.pk}"


class MailCount(models.Model):
    """How many mails of a kind an address was sent on a UTC day; rows go after two days."""

    mail_key = models.BinaryField(max_length=32)
    day = models.DateField()
    kind = models.CharField(max_length=12, choices=MailKind.choices)
    amount = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mail_key", "day", "kind"], name="mail_count_once")]
        indexes = [models.Index("day", name="mail_count_day")]

    def __str__(self) -> str:
        """Return the day and kind."""
        return f"{self.day} {self.kind}"


class Suppression(models.Model):
    """An address, known by its mail key alone, that asked for no more mails."""

    mail_key = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the address."""
        return f"{self.pk}"


class WorkerBeat(models.Model):
    """When a worker last went round its loop; the readiness page looks at the newest."""

    worker = models.UUIDField(unique=True)
    beat_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        """Return the instant."""
        return f"{self.beat_at}"
