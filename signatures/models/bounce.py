"""BounceCount and BounceMailbox: the number of bounces, and how far the bounce mailbox was read."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from signatures.models.choices import BounceKind
from signatures.models.clock import UtcDay, lately

# This many bounces from one provider within two days can't be explained by mistyped addresses.
MANY = 20
ONE_DAY = timedelta(days=1)


class BounceCountQuerySet(models.QuerySet["BounceCount"]):
    """Queries for bounces."""

    def refusing(self) -> list[tuple[str, int]]:
        """Return the providers with many permanent bounces since yesterday, and the number of each.

        All domains of other providers count as one, whose name is empty.
        """
        days = UtcDay(TransactionNow() - ONE_DAY), UtcDay(TransactionNow() + ONE_DAY)
        since = self.filter(kind=BounceKind.PERMANENT, day__range=days)
        rows = since.values_list("provider").annotate(sum=Sum("amount")).filter(sum__gte=MANY)
        return list(rows.order_by("provider"))

    def older_than(self, by: timedelta) -> BounceCountQuerySet:
        """Keep days that ended at least this long ago."""
        return self.exclude(day__range=(UtcDay(TransactionNow() - by), UtcDay(TransactionNow() + by)))


class BounceCount(models.Model):
    """The number of bounces on a UTC day; not linked to any mail, address or signature."""

    day = models.DateField(_("day (UTC)"), db_default=UtcDay(TransactionNow()))
    # The domain of a large provider, or empty: any other domain could identify one person.
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
        """Return the day and the kind of bounce."""
        return f"{self.day}: {BounceKind(self.kind).label}"


class BounceMailboxManager(models.Manager["BounceMailbox"]):
    """Queries for the state of the bounce mailbox."""

    def was_read_within(self, place: str, time: timedelta) -> bool:
        """Return whether a mailbox was read completely within this time; future times are ignored (see clock.py)."""
        return self.filter(place=place).filter(lately("read_at", time)).exists()

    def strangers(self, place: str) -> int:
        """Return how many mails in a mailbox are not addressed to the site, and so are left there."""
        return self.filter(place=place).values_list("strangers", flat=True).first() or 0

    def waiting(self, place: str) -> int:
        """Return how many mails in a mailbox the last run did not reach."""
        return self.filter(place=place).values_list("waiting", flat=True).first() or 0


class BounceMailbox(models.Model):
    """How far a mailbox was counted, so that mails that were counted but not yet deleted are not counted twice."""

    # A digest of server, account, folder and BOUNCE_ADDRESS: another mailbox has its own UIDs, and mails to another
    # address must be searched for from the start.
    place = models.CharField(max_length=64, unique=True)
    # UIDs only increase as long as this stays the same (RFC 3501).
    uidvalidity = models.BigIntegerField(default=0)
    # Mails to the site are counted up to this UID.
    last_uid = models.BigIntegerField(default=0)
    # Up to this UID they are also deleted, so that the remaining mails are not addressed to the site.
    last_cleared_uid = models.BigIntegerField(default=0, db_default=0)
    strangers = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0, db_default=0)
    # When it was last read completely.
    read_at = models.DateTimeField(db_default=TransactionNow())

    objects = BounceMailboxManager()

    def __str__(self) -> str:
        """Return the last counted UID."""
        return f"{self.last_uid}"
