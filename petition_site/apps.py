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

    def ready(self) -> None:
        """Load the desk's pages.

        The site object lies in the package whose import registers the pages. Were the object asked for first, as
        Django's search for admin modules does, it would be made twice and the pages registered with the lost one.
        """
        import_module("signatures.admin")
        super().ready()
