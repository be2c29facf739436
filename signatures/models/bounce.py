"""BounceCount and BounceMailbox: how many mails came back, and how far the mailbox that they come to was read."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from signatures.models.choices import BounceKind
from signatures.models.clock import UtcDay, lately

# So many mails that one provider sends back within two days are no mistyped addresses any more.
MANY = 20
ONE_DAY = timedelta(days=1)


class BounceCountQuerySet(models.QuerySet["BounceCount"]):
    """Reads of what came back."""

    def refusing(self) -> list[tuple[str, int]]:
        """Return the providers that have sent back many mails for good since yesterday, and how many each of them.

        All domains that are no large provider's count as one, whose name is empty.
        """
        days = UtcDay(TransactionNow() - ONE_DAY), UtcDay(TransactionNow() + ONE_DAY)
        since = self.filter(kind=BounceKind.PERMANENT, day__range=days)
        rows = since.values_list("provider").annotate(sum=Sum("amount")).filter(sum__gte=MANY)
        return list(rows.order_by("provider"))

    def older_than(self, by: timedelta) -> BounceCountQuerySet:
        """Keep days that are over for some time."""
        return self.exclude(day__range=(UtcDay(TransactionNow() - by), UtcDay(TransactionNow() + by)))


class BounceCount(models.Model):
    """How many mails came back on a UTC day; nothing leads from here to a mail, an address or a signature."""

    day = models.DateField(_("day (UTC)"), db_default=UtcDay(TransactionNow()))
    # The domain of a large provider, or nothing: any other domain could stand for one person.
    provider = models.CharField(_("provider"), max_length=40, blank=True)
    kind = models.CharField(_("what it says"), max_length=9, choices=BounceKind.choices)
    amount = models.PositiveIntegerField(_("amount"))

    objects = BounceCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("mails that came back")
        verbose_name_plural = _("mails that came back")
        constraints = [
            models.UniqueConstraint(fields=["day", "provider", "kind"], name="bounce_count_once"),
            models.CheckConstraint(condition=Q(kind__in=BounceKind.values), name="bounce_count_kind_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bounce_count_of_something"),
            models.CheckConstraint(
                condition=~Q(kind=BounceKind.UNCLEAR) | Q(provider=""), name="bounce_count_unclear_has_no_provider"
            ),
        ]

    def __str__(self) -> str:
        """Return the day, and what the messages say."""
        return f"{self.day}: {BounceKind(self.kind).label}"


class BounceMailboxManager(models.Manager["BounceMailbox"]):
    """Reads of how the mailbox is doing."""

    def was_read_within(self, place: str, time: timedelta) -> bool:
        """Return whether a mailbox was read to its end lately; a time that is to come says nothing (see clock.py)."""
        return self.filter(place=place).filter(lately("read_at", time)).exists()

    def strangers(self, place: str) -> int:
        """Return how many mails lie in a mailbox that are not addressed to the site, and so stay there."""
        return self.filter(place=place).values_list("strangers", flat=True).first() or 0

    def waiting(self, place: str) -> int:
        """Return how many mails the last visit to a mailbox did not come to."""
        return self.filter(place=place).values_list("waiting", flat=True).first() or 0


class BounceMailbox(models.Model):
    """Up to which mail a mailbox was counted: what was counted and not deleted yet is not counted twice."""

    # A digest of server, account, folder and BOUNCE_ADDRESS: another mailbox has UIDs of its own, and what is addressed
    # to another address must be looked for anew.
    place = models.CharField(max_length=64, unique=True)
    # UIDs rise as long as this is the same (RFC 3501).
    uidvalidity = models.BigIntegerField(default=0)
    # Up to here what is addressed to the site is counted.
    last_uid = models.BigIntegerField(default=0)
    # Up to here it is deleted, too, so that what is left there is somebody else's.
    last_cleared_uid = models.BigIntegerField(default=0, db_default=0)
    strangers = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0, db_default=0)
    # When it was last read to its end.
    read_at = models.DateTimeField(db_default=TransactionNow())

    objects = BounceMailboxManager()

    def __str__(self) -> str:
        """Return the UID of the mail."""
        return f"{self.last_uid}"
