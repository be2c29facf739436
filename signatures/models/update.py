"""Update: one news item of a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from signatures.languages import complete_in_one, language_with, text_in
from signatures.models.petition import Petition


@dataclass(frozen=True)
class Headline:
    """The newest news item of a campaign.

    :param language: the language of the text
    :param day: the UTC day of publication
    """

    text: str
    language: str
    day: date


class UpdateQuerySet(models.QuerySet["Update"]):
    """Queries for news."""

    def published(self) -> UpdateQuerySet:
        """Keep the published ones, newest first."""
        return self.filter(published_at__isnull=False).order_by("-published_at", "-id")

    def headline(self, language: str) -> Headline | None:
        """Return the newest headline, in a language if available, or None if there is no news."""
        newest = self.published().first()
        if newest is None or newest.published_at is None:
            return None
        spoken = language_with(newest, "title", language)
        return Headline(text_in(newest, "title", language), spoken, newest.published_at.astimezone(UTC).date())


class Update(models.Model):
    """News of a campaign in its languages; a draft until it is published, and again when unpublished."""

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
                condition=Q(published_at__isnull=True) | complete_in_one("title", "body"),
                name="update_published_in_a_language",
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
        """Return the headline, in the active language if available, or the number if there is none."""
        return text_in(self, "title") or f"{self.pk}"
