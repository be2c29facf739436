"""Alerts: what an organiser wants to be told by mail, and what waits to be told."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Exists, OuterRef, Q

from signatures.languages import shipped_choices
from signatures.models.choices import AlertKind
from signatures.models.clock import lately
from signatures.models.organiser import Organiser
from signatures.models.petition import Petition
from signatures.models.rights import organisers_with

# What somebody may be told is what the desk shows to that role: a wave on the pages of those who keep the list clean,
# numbers and the mail server's refusals on the first page of everybody who sees petitions.
RIGHTS = {
    AlertKind.WAVE: "moderate_signatures",
    AlertKind.MILESTONE: "view_petition",
    AlertKind.MAIL: "view_petition",
}
# Told only to those who have the right in the whole site; news of a petition to those who have it there.
OF_THE_SITE = {AlertKind.MAIL}
# At most four mails a day to one organiser; what happens between two of them is told by the second.
BETWEEN_ALERTS = timedelta(hours=6)
# What goes on is told again after this.
TOLD_AGAIN_AFTER = timedelta(days=1)
NEWS_KEPT = timedelta(days=2)


class AlertWishQuerySet(models.QuerySet["AlertWish"]):
    """Queries for wishes."""

    def that_hear_of(self, kind: AlertKind, petition_id: int | None) -> AlertWishQuerySet:
        """Keep those that are told of news of a kind: their owners still have the right to know.

        :param petition_id: what the news is about; None for the mail server
        """
        allowed = organisers_with(RIGHTS[kind], petition_id, in_the_site=kind in OF_THE_SITE)
        return self.filter(confirmed_at__isnull=False, kinds__contains=[kind], organiser__in=allowed)

    def due(self) -> AlertWishQuerySet:
        """Keep those with news to tell whose last mail is long enough ago."""
        waiting = AlertNews.objects.waiting().filter(wish=OuterRef("pk"))
        return self.filter(Exists(waiting), confirmed_at__isnull=False).exclude(lately("alerted_at", BETWEEN_ALERTS))


class AlertWish(models.Model):
    """An organiser's address, encrypted, and what to tell it; ended with the account (trigger)."""

    organiser = models.OneToOneField(Organiser, on_delete=models.CASCADE, related_name="+")
    kinds = ArrayField(models.CharField(max_length=9, choices=AlertKind.choices), default=list)
    # As in a queued mail. None where the owner has entered none, has ended the alerts, or it was refused.
    address_encrypted = models.BinaryField(null=True)
    # Of an address that is not confirmed yet.
    code_hash = models.BinaryField(max_length=32, null=True)
    asked_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    # What ends the alerts to this address without a login; another address gets another.
    mark = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The language in which the owner saw the page, where the account has none.
    language = models.CharField(max_length=2, choices=shipped_choices)
    alerted_at = models.DateTimeField(null=True)
    # How many codes were sent on a day: nobody may have this site write to many strangers.
    codes_on = models.DateField(null=True)
    codes_sent = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = AlertWishQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kinds__contained_by=AlertKind.values), name="alert_kinds_known"),
            models.CheckConstraint(
                condition=Q(address_encrypted__isnull=False)
                | Q(code_hash__isnull=True, asked_at__isnull=True, confirmed_at__isnull=True),
                name="alert_address_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(code_hash__isnull=True), name="alert_code_spent"
            ),
        ]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the address."""
        return f"{self.pk}"


class AlertNewsQuerySet(models.QuerySet["AlertNews"]):
    """Queries for news."""

    def waiting(self) -> AlertNewsQuerySet:
        """Keep what no mail was made of yet."""
        return self.filter(told_at__isnull=True)


class AlertNews(models.Model):
    """Something to tell one organiser; kept for two days after it was told, so that it is not told again at once."""

    wish = models.ForeignKey(AlertWish, on_delete=models.CASCADE, related_name="news")
    kind = models.CharField(max_length=9, choices=AlertKind.choices)
    # None for the mail server.
    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, null=True, related_name="+")
    # Of signatures: the milestone that was passed, or those in the wave where that is known.
    amount = models.BigIntegerField(null=True)
    # From when to when the mail server refused all mails; None where it refuses some.
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    happened_at = models.DateTimeField(db_default=TransactionNow())
    told_at = models.DateTimeField(null=True)
    # The Message-ID of the mail that tells it. No foreign key: deleting a signer's mail must not look here.
    mail = models.UUIDField(null=True)

    objects = AlertNewsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wish", "kind", "petition"], name="alert_news_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(kind=AlertKind.WAVE, petition__isnull=False)
                | Q(kind=AlertKind.MILESTONE, petition__isnull=False, amount__isnull=False)
                | Q(kind=AlertKind.MAIL, petition__isnull=True, amount__isnull=True),
                name="alert_news_about",
            ),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True, mail__isnull=True) | Q(told_at__isnull=False, mail__isnull=False),
                name="alert_news_told_by_mail",
            ),
            models.CheckConstraint(
                condition=Q(began_at__isnull=True, ended_at__isnull=True)
                | Q(kind=AlertKind.MAIL, began_at__isnull=False, ended_at__isnull=False),
                name="alert_news_span",
            ),
        ]
        indexes = [models.Index("mail", name="alert_news_mail", condition=Q(mail__isnull=False))]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the petition."""
        return f"{self.pk}"


class Milestone(models.Model):
    """The highest number of signatures that a petition was ever seen with, so that no milestone is told twice."""

    petition = models.OneToOneField(Petition, on_delete=models.CASCADE, primary_key=True, related_name="+")
    highest = models.BigIntegerField()

    def __str__(self) -> str:
        """Return the number."""
        return f"{self.highest}"
