"""The site around the app, and our admin site in the place of Django's default one."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SiteConfig(AppConfig):
    """Settings, addresses and start."""

    name = "petition_site"

    def ready(self) -> None:
        """Register the checks."""
        import_module("petition_site.checks")


class PetitionAdminConfig(AdminConfig):
    """The stock admin with our own site object."""

    default_site = "signatures.admin.site.PetitionAdminSite"
    default = False
