"""Update: one piece of news of a campaign."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from signatures.models.petition import Petition


class UpdateQuerySet(models.QuerySet["Update"]):
    """Reads of updates."""

    def published(self) -> UpdateQuerySet:
        """Keep those that anyone may read, the newest first."""
        return self.filter(published_at__isnull=False).order_by("-published_at", "-id")

    def headline(self, language: str) -> tuple[str, date] | None:
        """Return the newest headline in a language with its UTC day, or None while there is no news."""
        newest = self.published().values_list(f"title_{language}", "published_at").first()
        return (newest[0], newest[1].astimezone(UTC).date()) if newest else None


class Update(models.Model):
    """News of a campaign in both languages; a draft until it is published, and again when it is taken back."""

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="updates", verbose_name=_("petition"))
    title = models.CharField(_("headline"), max_length=160, blank=True)
    body = models.TextField(_("text"), max_length=20_000, blank=True, help_text=_("Markdown."))
    published_at = models.DateTimeField(_("published at (UTC)"), null=True, editable=False)

    objects = UpdateQuerySet.as_manager()  # type: ignore[django-manager-missing]

    if TYPE_CHECKING:
        title_en: str | None
        title_ru: str | None
        body_en: str | None
        body_ru: str | None

    class Meta:
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | (
                    Q(title_en__isnull=False, title_ru__isnull=False, body_en__isnull=False, body_ru__isnull=False)
                    & ~Q(title_en="")
                    & ~Q(title_ru="")
                    & ~Q(body_en="")
                    & ~Q(body_ru="")
                ),
                name="update_published_in_every_language",
            ),
        ]
        indexes = [
            models.Index(
                "petition",
                F("published_at").desc(),
                name="update_published",
                condition=Q(published_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        """Return the headline in the language in use, or the number where there is none."""
        return self.title or f"{self.pk}"
