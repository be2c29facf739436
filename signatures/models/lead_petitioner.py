"""LeadPetitioner: the person in whose name a petition is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatures.models.petition import Petition


class LeadPetitioner(models.Model):  # type: ignore[django-manager-missing]
    """The data that petitions committees require of the person who submits; used in the letter, never published."""

    petition = models.OneToOneField(
        Petition, on_delete=models.PROTECT, primary_key=True, related_name="lead_petitioner", editable=False
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    nationality = models.CharField(_("nationality"), max_length=80, blank=True)
    address = models.TextField(_("postal address"), max_length=400, blank=True)
    # Another one with each change, so that the erasure journal can tell whether there was one and says nothing of whom.
    stamp = models.UUIDField(db_default=RandomUUID(), editable=False)

    objects = models.Manager["LeadPetitioner"]()

    if TYPE_CHECKING:
        nationality_en: str | None
        nationality_ru: str | None

    def __str__(self) -> str:
        """Return the id only, since Django's own log keeps this text for ever."""
        return f"{self.pk}"
