"""News by mail: who asked for the news of a petition, and how far each news item was mailed."""

from __future__ import annotations

import uuid

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from signatures.languages import shipped_choices
from signatures.models.clock import UtcHour
from signatures.models.petition import Petition
from signatures.models.update import Update


class NewsSubscriber(models.Model):
    """An address that gets the news of one petition, encrypted under keys of its own; it belongs to no signature.

    No time is stored, and no key that another table has: nothing but the order of the rows says when somebody asked.
    Only where a petition's news are mailed is one added (trigger), and a higher protection erases them (trigger).
    """

    # No index of its own: the one below begins with it.
    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="+", db_index=False)
    address_encrypted = models.BinaryField()
    # A keyed hash of address and petition, so that nobody is on the list twice.
    address_key = models.BinaryField(max_length=32)
    language = models.CharField(max_length=2, choices=shipped_choices)
    # What ends it without a login; one who comes back gets another.
    mark = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "address_key"], name="news_subscriber_once"),
        ]
        indexes = [models.Index("petition", "id", name="news_subscriber_order")]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the address."""
        return f"{self.pk}"


class NewsMailingQuerySet(models.QuerySet["NewsMailing"]):
    """Queries for mailings."""

    def unfinished(self) -> NewsMailingQuerySet:
        """Keep those of news that readers see now, whose petition mails them, and that somebody still waits for."""
        seen = Update.objects.filter(petition__news_by_mail=True).published().order_by()
        waits = Q(last_subscriber__isnull=True) | Q(queued_up_to__lt=F("last_subscriber"))
        return self.filter(waits, update__in=seen)

    def queued_this_hour(self) -> int:
        """Return how many mails of all news were queued in the current hour (UTC)."""
        of_hour = self.filter(hour=UtcHour(TransactionNow()))
        found: int = of_hour.aggregate(amount=Coalesce(Sum("in_hour"), 0))["amount"]
        return found


class NewsMailing(models.Model):
    """How far the mails of a news item were queued; added when it is published while its petition mails news.

    It stays when the item is taken back, so that one published again is not mailed again.
    """

    update = models.OneToOneField(Update, on_delete=models.CASCADE, primary_key=True, related_name="+")
    # The last who gets it: who asks later gets what is published later. None until the first look.
    last_subscriber = models.BigIntegerField(null=True)
    queued_up_to = models.BigIntegerField(default=0, db_default=0)
    # The hour (UTC) in which mails of it were last queued, and how many in that hour.
    hour = models.DateTimeField(null=True)
    in_hour = models.PositiveIntegerField(default=0, db_default=0)

    objects = NewsMailingQuerySet.as_manager()

    def __str__(self) -> str:
        """Return the number of the news item."""
        return f"{self.pk}"
