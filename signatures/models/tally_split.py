"""TallySplit: the count of a petition by source, country, language and visibility, whatever the number of days."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from signatures.languages import shipped_choices
from signatures.models.choices import Source, Visibility
from signatures.models.petition import Petition


class TallySplit(models.Model):
    """The net amount of all summed tally rows of some dimensions; written by the fold as TallySum is (trigger)."""

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="tally_splits")
    source = models.CharField(_("source"), max_length=6, choices=Source.choices)
    country = models.CharField(_("country"), max_length=2)
    language = models.CharField(_("language"), max_length=2, choices=shipped_choices)
    visibility = models.CharField(_("visibility"), max_length=9, choices=Visibility.choices)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["petition", "source", "country", "language", "visibility"], name="tally_split_once"
            )
        ]
        indexes = [
            # Finds what has come to nothing, of all petitions.
            models.Index("id", name="tally_split_empty", condition=Q(amount=0))
        ]

    def __str__(self) -> str:
        """Return the dimensions and how many count."""
        return f"{self.source} {self.country} {self.language} {self.visibility} {self.amount}"
