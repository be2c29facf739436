"""Picture: the header picture of a petition, in the sizes that pages need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from signatures.languages import complete_in_one, text_in
from signatures.models.choices import PetitionStatus
from signatures.models.petition import Petition

# Bytes. A first visit to a petition's page is at most 35 KB: what is left for a picture on any screen.
NARROW_BYTES_MAX = 8 * 1024
WIDE_BYTES_MAX = 12 * 1024
CARD_BYTES_MAX = 100 * 1024
BYTES = ("narrow", "wide", "card")


class PicturePart(models.TextChoices):
    """Which part of a picture stays when it is cut to the shape of the page."""

    MIDDLE = "MIDDLE", _("The middle")
    TOP = "TOP", _("The top")
    BOTTOM = "BOTTOM", _("The bottom")
    LEFT = "LEFT", _("The left side")
    RIGHT = "RIGHT", _("The right side")


class PictureQuerySet(models.QuerySet["Picture"]):
    """Queries for header pictures."""

    def without_bytes(self) -> PictureQuerySet:
        """Leave the pictures themselves in the database, for pages that only refer to them."""
        return self.defer(*BYTES)

    def public(self) -> PictureQuerySet:
        """Keep those of petitions that anyone may read."""
        return self.filter(~Q(petition__status=PetitionStatus.DRAFT), petition__text_versions__isnull=False).distinct()


class Picture(models.Model):
    """The one header picture of a petition, made anew from what was uploaded; nothing else of the upload is kept.

    It belongs to no text version: what signers agreed to is the text. It stays when the signers' data is erased.

    :ivar digest: the first half of the SHA-256 of its sizes, in hexadecimal, by which addresses name them
    :ivar narrow: WebP for phones
    :ivar wide: WebP for wider screens
    :ivar card: JPEG for the share picture
    """

    petition = models.OneToOneField(
        Petition, on_delete=models.CASCADE, primary_key=True, related_name="picture", editable=False
    )
    digest = models.CharField(max_length=32, editable=False)
    narrow = models.BinaryField(editable=False)
    narrow_width = models.PositiveSmallIntegerField(editable=False)
    wide = models.BinaryField(editable=False)
    wide_width = models.PositiveSmallIntegerField(editable=False)
    wide_height = models.PositiveSmallIntegerField(editable=False)
    card = models.BinaryField(editable=False)
    alt = models.CharField(
        _("alternative text"),
        max_length=300,
        blank=True,
        help_text=_("What can be seen on it, in a sentence, for people who do not see it."),
    )
    caption = models.CharField(
        _("caption"),
        max_length=200,
        blank=True,
        help_text=_("A line below the picture: who took it, where and when. Empty: none."),
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), db_default=TransactionNow(), editable=False)

    objects = PictureQuerySet.as_manager()  # type: ignore[django-manager-missing]

    if TYPE_CHECKING:
        alt_en: str | None
        alt_ru: str | None
        caption_en: str | None
        caption_ru: str | None

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        indexes = [models.Index(fields=["digest"], name="picture_digest")]
        constraints = [
            models.CheckConstraint(condition=Q(digest__regex="^[0-9a-f]{32}$"), name="picture_digest_known"),
            models.CheckConstraint(condition=complete_in_one("alt"), name="picture_described_in_a_language"),
            models.CheckConstraint(
                condition=Q(
                    LessThanOrEqual(Length("narrow"), NARROW_BYTES_MAX),
                    LessThanOrEqual(Length("wide"), WIDE_BYTES_MAX),
                    LessThanOrEqual(Length("card"), CARD_BYTES_MAX),
                ),
                name="picture_light_enough",
            ),
        ]

    def __str__(self) -> str:
        """Return the alternative text, in the active language if available."""
        return text_in(self, "alt")
