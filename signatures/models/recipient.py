"""Recipient: a body that the petition is addressed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from signatures.languages import text_in
from signatures.models.choices import Profile
from signatures.models.petition import Petition


class Recipient(models.Model):  # type: ignore[django-manager-missing]
    """A body that gets the list or its totals; its names in published texts are frozen (trigger)."""

    petition = models.ForeignKey(Petition, on_delete=models.CASCADE, related_name="recipients")
    name = models.CharField(pgettext_lazy("of a body", "name"), max_length=160, blank=True)
    profile = models.CharField(_("receives"), max_length=6, choices=Profile.choices)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = models.Manager["Recipient"]()

    if TYPE_CHECKING:
        name_en: str
        name_ru: str

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(profile__in=Profile.values), name="recipient_profile_known"),
            models.UniqueConstraint(fields=["petition", "id"], name="recipient_of_petition"),
        ]

    def __str__(self) -> str:
        """Return the name, in the active language if available."""
        return text_in(self, "name")

    def published_languages(self) -> set[str]:
        """Return the languages in which a published text names it."""
        return {code for codes in self.in_versions.values_list("version__languages", flat=True) for code in codes}

    def name_in(self, language: str) -> str:
        """Return the name in a language, or else in the first available one."""
        return text_in(self, "name", language)
