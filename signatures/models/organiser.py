"""The people who run campaigns in the admin."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatures.models.choices import Language


class Organiser(AbstractUser):
    """An account of the admin, with the language in which its owner reads it."""

    language = models.CharField(
        _("language of the admin"), max_length=2, choices=Language.choices, blank=True, default=""
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("organiser")  # type: ignore[assignment]
        verbose_name_plural = _("organisers")  # type: ignore[assignment]
