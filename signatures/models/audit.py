"""AuditEntry: who did what on what, how many rows, and why."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatures.models.choices import AuditAction
from signatures.models.petition import Petition

REASON_LENGTH_MAX = 200


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
    petition = models.ForeignKey(
        Petition, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("petition")
    )
    target = models.BigIntegerField(_("number of the row concerned"), null=True)
    amount = models.BigIntegerField(_("rows"), null=True)
    reason = models.CharField(_("why"), max_length=REASON_LENGTH_MAX, blank=True, default="")
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        indexes = [models.Index("petition", "action", name="audit_petition_action")]

    def __str__(self) -> str:
        """Return the label of the action."""
        return self.get_action_display()
