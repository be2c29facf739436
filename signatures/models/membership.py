"""Membership: the role of an organiser in one petition."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatures.models.petition import Petition


class Membership(models.Model):
    """What an organiser may do in one petition, beside what their role in the whole site lets them do."""

    organiser = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("organiser")
    )
    petition = models.ForeignKey(
        Petition, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("petition")
    )
    role = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+", verbose_name=_("role"))
    given_at = models.DateTimeField(_("given at"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("role in a petition")
        verbose_name_plural = _("roles in petitions")
        constraints = [models.UniqueConstraint("organiser", "petition", name="membership_one_role_in_a_petition")]

    def __str__(self) -> str:
        """Return the numbers of account and petition."""
        return f"{self.organiser_id} in {self.petition_id}"
