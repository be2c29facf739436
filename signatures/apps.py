"""The configuration of the project's main Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignaturesConfig(AppConfig):
    """Petitions and their signatures."""

    name = "signatures"
    verbose_name = _("Campaigns")
