"""OutgoingMail and what limits it: the only place where an address is stored, encrypted, until the mail is sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from signatures.languages import shipped_choices
from signatures.models.attempt import Attempt
from signatures.models.choices import MailKind
from signatures.models.petition import Petition
from signatures.models.relay import RelayFault


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    """Reads of the outbox."""

    def due(self) -> OutgoingMailQuerySet:
        """Keep those whose turn has come and which no worker holds."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=TransactionNow())).filter(
            next_attempt_at__lte=TransactionNow()
        )

    def late(self, by: timedelta) -> OutgoingMailQuerySet:
        """Keep those that should have left some time ago and have not; those that a limit stops are not late."""
        since = TransactionNow() - by
        return self.filter(created_at__lt=since).filter(Q(attempts_made__gt=0) | Q(next_attempt_at__lt=since))

    def refused(self) -> OutgoingMailQuerySet:
        """Keep those that the mail server refused for what may be our fault."""
        return self.exclude(fault="")


class OutgoingMail(models.Model):
    """A mail still to be sent."""

    kind = models.CharField(max_length=12, choices=MailKind.choices)
    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="+")
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, null=True, related_name="+")
    language = models.CharField(max_length=2, choices=shipped_choices)
    address_encrypted = models.BinaryField()
    secret_encrypted = models.BinaryField()
    # Of a my-signature mail, so that withdrawing finds it; a confirmation's stand on its attempt. No key that counts
    # mails stands here: beside one that counts people it would tell which petitions one mailbox was used for.
    email_keys = ArrayField(models.BinaryField(), null=True)
    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(db_default=TransactionNow())
    attempts_made = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=TransactionNow())
    claimed_until = models.DateTimeField(null=True)
    counted = models.BooleanField(default=False)
    # Why the mail server refused it, where that may be our fault.
    fault = models.CharField(max_length=13, blank=True, default="", db_default="")
    # When it was last refused by an answer that may be about it or us, and how many such had others taken after them.
    doubted_at = models.DateTimeField(null=True)
    doubts = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = OutgoingMailQuerySet.as_manager()

    # The counters that it takes part in, from claiming until it is sent or given back.
    counted_under: Sequence[bytes] = ()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MailKind.values), name="mail_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=MailKind.CONFIRM, attempt__isnull=False, email_keys__isnull=True)
                | Q(kind=MailKind.MY_SIGNATURE, attempt__isnull=True),
                name="mail_about_an_attempt",
            ),
            models.CheckConstraint(condition=Q(fault__in=["", *RelayFault.values]), name="mail_fault_known"),
        ]
        indexes = [
            models.Index("next_attempt_at", "id", name="mail_due"),
            # Without fastupdate: what waits in its list would be read by each withdrawal.
            GinIndex(fields=["email_keys"], name="mail_keys", fastupdate=False, condition=Q(email_keys__isnull=False)),
        ]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the addressee."""
        return f"{self.pk}"


class MailCount(models.Model):
    """How many mails were sent in a window to what a keyed hash stands for; the row goes when the window is over.

    UNLOGGED (``mail.sql`` makes it so): no key of it is in the write-ahead log, in a base backup or on a replica, where
    it would stand beside the keys that were written in the same moment. A crash empties the table.
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
