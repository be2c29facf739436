"""Switch: something that an emergency has switched off for the whole site, until it is switched on again."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from signatures.models.audit import REASON_LENGTH_MAX


class SwitchName(models.TextChoices):
    """What can be switched."""

    HIDE_NAMES = "HIDE_NAMES", _("Show no names")
    READ_ONLY = "READ_ONLY", _("Take nothing")
    CLOSED = "CLOSED", _("Close the site")


class SwitchManager(models.Manager["Switch"]):
    """Queries for switches."""

    def names_on(self) -> frozenset[SwitchName]:
        """Return the switches that are on."""
        return frozenset(SwitchName(name) for name in self.values_list("name", flat=True))

    def is_on(self, name: SwitchName) -> models.Exists:
        """Return the condition that a switch is on, as part of another query."""
        return models.Exists(self.filter(name=name))


class Switch(models.Model):
    """A switch that is on; there is no row for one that is off."""

    name = models.CharField(max_length=20, primary_key=True, choices=SwitchName.choices)
    on_since = models.DateTimeField(db_default=TransactionNow(), editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=REASON_LENGTH_MAX)

    objects = SwitchManager()

    class Meta:
        default_permissions = ()
        permissions = [("use_switches", "Can use the emergency switches")]
        constraints = [models.CheckConstraint(condition=Q(name__in=SwitchName.values), name="switch_known")]

    def __str__(self) -> str:
        """Return what is switched."""
        return self.get_name_display()
