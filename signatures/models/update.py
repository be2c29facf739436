"""Update: one news item of a campaign."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from signatures.languages import complete_in_one, text_in
from signatures.models.petition import Petition

# The farthest ahead that news can be scheduled.
SCHEDULE_MAX = timedelta(days=366)


class NewsState(models.TextChoices):
    """What a news item is at an instant; derived from its columns, never stored."""

    DRAFT = "DRAFT", _("Draft")
    SCHEDULED = "SCHEDULED", _("Scheduled")
    PUBLISHED = "PUBLISHED", _("Published")


# By the database's clock, so that a scheduled item appears without anybody or any worker acting. What was published at
# once stays published if a clock that was fast is set right.
IS_PUBLISHED = Q(published_at__isnull=False) & (Q(is_scheduled=False) | Q(published_at__lte=Now()))
IS_SCHEDULED = Q(is_scheduled=True, published_at__gt=Now())


class UpdateQuerySet(models.QuerySet["Update"]):
    """Queries for news; whatever readers see goes through ``published``."""

    def published(self) -> UpdateQuerySet:
        """Keep those that anyone may read now, newest first."""
        return self.filter(IS_PUBLISHED).order_by("-published_at", "-id")

    def scheduled(self) -> UpdateQuerySet:
        """Keep those that will appear by themselves, the next one first."""
        return self.filter(IS_SCHEDULED).order_by("published_at", "id")

    def with_state(self) -> UpdateQuerySet:
        """Annotate ``state``, the current NewsState."""
        state = Case(
            When(IS_PUBLISHED, then=Value(NewsState.PUBLISHED.value)),
            When(IS_SCHEDULED, then=Value(NewsState.SCHEDULED.value)),
            default=Value(NewsState.DRAFT.value),
        )
        return self.annotate(state=state)  # type: ignore[no-redef]


class Update(models.Model):
    """News of a campaign in its languages; a draft until it is published, and again when it is taken back.

    :ivar published_at: when readers see it from, in the future for one that is scheduled
    :ivar is_scheduled: whether that time was chosen, rather than the moment of publishing
    """

    petition = models.ForeignKey(Petition, on_delete=models.PROTECT, related_name="updates", verbose_name=_("petition"))
    title = models.CharField(_("headline"), max_length=160, blank=True)
    body = models.TextField(_("text"), max_length=20_000, blank=True, help_text=_("Markdown."))
    published_at = models.DateTimeField(_("published at (UTC)"), null=True, editable=False)
    is_scheduled = models.BooleanField(_("scheduled"), default=False, db_default=False, editable=False)
    # By which feeds know it, whatever becomes of its text.
    mark = models.UUIDField(db_default=RandomUUID(), editable=False)

    objects = UpdateQuerySet.as_manager()  # type: ignore[django-manager-missing]

    if TYPE_CHECKING:
        state: str
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
            models.CheckConstraint(
                condition=Q(is_scheduled=False) | Q(published_at__isnull=False), name="update_scheduled_for_a_time"
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
