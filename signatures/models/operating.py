"""MailOutcome and Trouble: what became of mails, and what is amiss with the site, for its operator; nobody's data."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q

from signatures.models.clock import lately, over, still_to_come

# Trouble that ends by itself before that is not told, and neither is an end that does not last.
SETTLED_AFTER = timedelta(minutes=5)
# Of each kind the operator is sent one mail a day, and one when it is over.
TOLD_AGAIN_AFTER = timedelta(days=1)
# After a mail about it was refused, or its worker died.
TRIED_AGAIN_AFTER = timedelta(minutes=5)


class MailResult(models.TextChoices):
    """What may become of a mail."""

    SENT = "SENT"
    UNWANTED = "UNWANTED"  # its address wants none
    UNDELIVERABLE = "UNDELIVERABLE"  # its mailbox does not exist, or takes no mails
    LIMITED = "LIMITED"  # waits for the end of a limit's window
    RETRIED = "RETRIED"  # refused for now, waits
    GIVEN_UP = "GIVEN_UP"  # not sent within 48 hours


class MailOutcome(models.Model):
    """How many mails had an outcome, since the database was made."""

    result = models.CharField(max_length=13, primary_key=True)
    amount = models.BigIntegerField(default=0)
    # Of the last one.
    at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(result__in=MailResult.values), name="mail_result_known")]

    def __str__(self) -> str:
        """Return the result."""
        return self.result


class TroubleKind(models.TextChoices):
    """What may be amiss."""

    GIVEN_UP = "GIVEN_UP", "Mails were given up"
    RELAY = "RELAY", "The mail server refuses all mails"
    LATE = "LATE", "Mails wait for long"
    BACKUP = "BACKUP", "The backup is late"
    DISK = "DISK", "A disk is nearly full"
    CERTIFICATE = "CERT", "The certificate ends, or is not believed"
    COUNTERS = "COUNTERS", "Redis is away"
    PROXIES = "PROXIES", "Reverse proxies do not fit the settings"
    ERASED = "ERASED", "Erased data is still in the files of the database"
    BOUNCES = "BOUNCES", "Mails come back, or are not counted"
    SWITCH = "SWITCH", "An emergency switch is still on"
    CONTACT = "CONTACT", "A setting or a contact is for tests only"

    @property
    def is_urgent(self) -> bool:
        """Return whether something is lost, or signers are turned away, unless somebody does something today."""
        return self not in {
            TroubleKind.BOUNCES,
            TroubleKind.CONTACT,
            TroubleKind.COUNTERS,
            TroubleKind.ERASED,
            TroubleKind.SWITCH,
        }


class TroubleQuerySet(models.QuerySet["Trouble"]):
    """Queries for what is amiss, by the database's clock."""

    def lasting(self) -> TroubleQuerySet:
        """Keep what goes on for long enough, or ended only a moment ago: of two machines one alone may see it."""
        goes_on = Q(ended_at__isnull=True) | lately("ended_at", SETTLED_AFTER)
        return self.filter(over("began_at", SETTLED_AFTER), goes_on)

    def to_tell(self) -> TroubleQuerySet:
        """Keep what the operator is to be told now: that it goes on, once a day, or that it is over."""
        is_new = Q(ended_at__isnull=True) & over("began_at", SETTLED_AFTER) & NOT_TOLD_TODAY
        is_over = over("ended_at", SETTLED_AFTER) & Q(tells_end=True)
        return self.filter(is_new | is_over).exclude(still_to_come("try_at", TRIED_AGAIN_AFTER))

    def to_forget(self) -> TroubleQuerySet:
        """Keep what was over a day ago, so that nothing is told twice a day, and nothing is left to be told."""
        return self.filter(over("ended_at", TOLD_AGAIN_AFTER), NOT_TOLD_TODAY, tells_end=False)

    def go_on(self, kinds: list[str]) -> None:
        """Note that these are there; what was over for long begins anew, a shorter pause does not count."""
        found = self.filter(kind__in=kinds, ended_at__isnull=False)
        found.filter(over("ended_at", SETTLED_AFTER)).update(began_at=TransactionNow(), ended_at=None)
        found.update(ended_at=None)

    def end(self, kinds: list[str]) -> None:
        """Note that these are over; what lasted and could not be told of is told then, within the limit of the day."""
        found = self.filter(kind__in=kinds, ended_at__isnull=True)
        found.filter(NOT_TOLD & NOT_TOLD_TODAY & over("began_at", SETTLED_AFTER)).update(tells_end=True)
        found.update(ended_at=TransactionNow())


# Of what is going on, or was last.
NOT_TOLD = Q(told_at__isnull=True) | Q(told_at__lt=F("began_at"))
NOT_TOLD_TODAY = Q(told_at__isnull=True) | over("told_at", TOLD_AGAIN_AFTER)


class Trouble(models.Model):
    """Something that is amiss, or was within the last day."""

    kind = models.CharField(max_length=8, primary_key=True)
    began_at = models.DateTimeField(db_default=TransactionNow())
    ended_at = models.DateTimeField(null=True)
    # When the operator was last sent a mail that it goes on, and whether one is due when it is over.
    told_at = models.DateTimeField(null=True)
    tells_end = models.BooleanField(default=False, db_default=False)
    # Until then another worker is at it.
    try_at = models.DateTimeField(null=True)

    objects = TroubleQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=TroubleKind.values), name="trouble_kind_known")]

    def __str__(self) -> str:
        """Return the kind."""
        return self.kind
