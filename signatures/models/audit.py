"""AuditEntry: who did what on what, how many rows, and why."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from signatures.models.choices import AuditAction
from signatures.models.petition import Petition

REASON_LENGTH_MAX = 200
# An entry whose transaction was open while more than so many others were written is found by the look at all of them.
LATE_ENTRIES = 1000


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Reads of the audit log."""

    def unsealed(self, *, of_all: bool) -> AuditEntryQuerySet:
        """Return the entries without a seal, in the order of their numbers.

        :param of_all: look at every entry, and not only at those written about as late as the newest sealed one
        """
        newest = None if of_all else AuditSeal.objects.aggregate(newest=Max("entry"))["newest"]
        seals = AuditSeal.objects.filter(entry=OuterRef("pk"))
        if newest is None:
            return self.filter(~Exists(seals)).order_by("pk")
        # Said of both tables: else the index of all seals is read each second.
        after = newest - LATE_ENTRIES
        return self.filter(~Exists(seals.filter(entry__gt=after)), pk__gt=after).order_by("pk")


class AuditEntry(models.Model):
    """A row of the audit log; never changed or deleted (trigger), and without personal data of signers."""

    at = models.DateTimeField(_("when"), db_default=TransactionNow())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who"),
        help_text=_("Empty for commands and the worker."),
    )
    action = models.CharField(_("what"), max_length=20, choices=AuditAction.choices)
    # No foreign key: what was done to a draft is kept after the draft is deleted.
    petition = models.ForeignKey(
        Petition,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("petition"),
    )
    target = models.BigIntegerField(_("number of the row concerned"), null=True)
    amount = models.BigIntegerField(_("rows"), null=True)
    reason = models.CharField(_("why"), max_length=REASON_LENGTH_MAX, blank=True, default="")
    details = models.JSONField(_("details"), default=dict)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        indexes = [
            models.Index("petition", "action", name="audit_petition_action"),
            models.Index("target", "action", name="audit_target_action"),
            models.Index("action", F("id").desc(), name="audit_action"),
            models.Index("at", name="audit_at"),
        ]

    def __str__(self) -> str:
        """Return the label of the action."""
        return self.get_action_display()


class SealQuerySet(models.QuerySet["AuditSeal"]):
    """Reads of the chain."""

    def head(self) -> AuditSeal | None:
        """Return the newest seal, or None if nothing is sealed yet."""
        return self.order_by("-number").first()


class AuditSeal(models.Model):
    """The place of an entry in the chain; never changed or deleted, and numbered without a gap (triggers).

    Its digest is over the one before and the entry, so that no entry can be changed, taken out or put in between
    without changing all later digests.
    """

    number = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="seal")
    # Hashed with the entry: without it, whoever knows two digests could find out what lies between them by guessing.
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)

    objects = SealQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="seal_numbers_from_one"),
            models.CheckConstraint(condition=Q(digest__regex="^[0-9a-f]{64}$"), name="seal_digest_is_one"),
            models.CheckConstraint(condition=Q(salt__regex="^[0-9a-f]{32}$"), name="seal_salt_is_one"),
        ]

    def __str__(self) -> str:
        """Return the number."""
        return str(self.number)
