"""AccessLink: a link, valid once, by which the owner of an account sets its password."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from signatures.models.clock import lately, still_to_come


class LinkKind(models.TextChoices):
    """What a link for setting a password is made for."""

    INVITATION = "INVITATION", _("Invitation")
    RESET = "RESET", _("Forgotten or stolen password")


LIFETIMES = {LinkKind.INVITATION: timedelta(days=7), LinkKind.RESET: timedelta(days=1)}
# How long the owner is shown that such a link set the password.
TOLD_FOR = {LinkKind.INVITATION: timedelta(days=1), LinkKind.RESET: timedelta(days=7)}


class AccessLinkQuerySet(models.QuerySet["AccessLink"]):
    """Queries for links."""

    def valid(self) -> AccessLinkQuerySet:
        """Keep the links, neither used nor expired, of open accounts that were made by open ones or a command."""
        return self.filter(
            Q(made_by__isnull=True) | Q(made_by__is_active=True, made_by__is_staff=True),
            still_to_come("expires_at", max(LIFETIMES.values())),
            used_at__isnull=True,
            account__is_active=True,
            account__is_staff=True,
        )

    def to_tell(self) -> AccessLinkQuerySet:
        """Keep those that have set a password lately, the newest first."""
        recent = Q()
        for kind, time in TOLD_FOR.items():
            recent |= Q(kind=kind) & lately("used_at", time)
        return self.filter(recent).order_by("-used_at", "-pk")


class AccessLink(models.Model):
    """The keyed hash of a link's token; the token itself is shown once, to whoever made the link.

    An account has one link at most that was not used: making another deletes it.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_links")
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    token_hash = models.BinaryField(max_length=32, unique=True)
    # None for the command.
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=TransactionNow(), editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = AccessLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(used_at__isnull=True), name="access_link_one_to_use"
            ),
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="access_link_kind_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="access_link_expires_later"),
        ]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the token."""
        return f"{self.pk}"
